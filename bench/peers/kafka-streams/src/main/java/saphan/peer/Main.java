package saphan.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;

/**
 * Route's decisions on Kafka Streams with exactly_once_v2. Reads its settings from a JSON file and runs
 * until its standard input closes.
 */
public final class Main {
    static final String CONSENTS = "consents";
    static final String HOLDINGS = "holdings";

    public static void main(String[] arguments) throws Exception {
        JsonNode settings = new ObjectMapper().readTree(new File(arguments[0]));
        Schemas schemas = new Schemas(settings);
        Contracts contracts = new Contracts(settings.get("agencies"), schemas);
        Changes changes = Changes.load(settings, schemas);
        byte[][] secrets = Identity.secrets(settings.get("keysFile").asText());

        String decisions = settings.get("decisions").asText();
        Topology topology = new Topology();
        topology.addSource("log", settings.get("input").asText());
        topology.addProcessor(
                "route",
                () -> new Route(schemas, contracts, changes, new Identity(secrets, contracts), decisions),
                "log");
        topology.addStateStore(store(CONSENTS), "route");
        topology.addStateStore(store(HOLDINGS), "route");
        topology.addSink(
                "topics",
                (byte[] key, Out value, org.apache.kafka.streams.processor.RecordContext context) -> value.topic(),
                Serdes.ByteArray().serializer(),
                (topic, value) -> value.bytes(),
                "route");

        KafkaStreams streams = new KafkaStreams(topology, properties(settings));
        CountDownLatch failed = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            failed.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Thread stop = new Thread(() -> {
            try {
                System.in.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (java.io.IOException error) {
                error.printStackTrace();
            }
            streams.close();
            System.exit(0);
        });
        stop.setDaemon(true);
        stop.start();
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        failed.await();
        System.exit(1);
    }

    /** In memory, cached until the commit, mirrored to a changelog topic as ever under exactly-once. */
    private static org.apache.kafka.streams.state.StoreBuilder<?> store(String name) {
        return Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                .withCachingEnabled()
                .withLoggingEnabled(Map.of());
    }

    /** Tuned for throughput as Kafka's documentation advises; README.md says why, one by one. */
    private static Properties properties(JsonNode settings) {
        Properties all = new Properties();
        all.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.get("application").asText());
        all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.get("bootstrap").asText());
        all.put(StreamsConfig.STATE_DIR_CONFIG, settings.get("stateDir").asText());
        all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.get("threads").asInt());
        all.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.get("commitIntervalMs").asInt());
        all.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L << 20);
        all.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        all.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        all.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
        all.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArray().getClass());
        all.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArray().getClass());
        all.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        all.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 100);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
        return all;
    }

    private Main() {}
}
