import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads one agency topic and prints what to do with each record. Needs kafka-clients, avro and
 * what they need. In earnest, store each record in your own database before its position is committed.
 *
 * Usage: Read BOOTSTRAP REGISTRY_URL TOPIC GROUP
 */
public final class Read {
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<Integer, Schema> schemas = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    private final String registry;

    private Read(String registry) {
        this.registry = registry;
    }

    public static void main(String[] args) throws Exception {
        var settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, args[3]);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        // Not the default of this client. Without it you read what was never delivered.
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        var read = new Read(args[1]);
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
            consumer.subscribe(List.of(args[2]));
            while (true) {
                var records = consumer.poll(Duration.ofSeconds(1));
                for (var it : records) {
                    read.store(it.value());
                }
                if (!records.isEmpty()) {
                    consumer.commitSync(); // only after your database has them
                }
            }
        }
    }

    /** Here: remembers versions and prints. Yours: one row an event with version and content, which stays when retracted. */
    private void store(byte[] value) throws Exception {
        var record = decode(value);
        var event = HexFormat.of().formatHex(((GenericFixed) record.get("event_id")).bytes());
        var version = (Long) record.get("version");
        if (versions.containsKey(event) && version <= versions.get(event)) {
            return; // an older record of the event, or this one again
        }
        versions.put(event, version);
        if (record.get("action").toString().equals("retract")) {
            System.out.println("retract " + event);
        } else {
            System.out.println("upsert " + event + " " + record.get("body"));
        }
    }

    /** The registry's frame is a zero byte and the id of the schema, four bytes, highest first. */
    private GenericRecord decode(byte[] value) throws Exception {
        var frame = ByteBuffer.wrap(value);
        if (frame.get() != 0) {
            throw new IllegalArgumentException("not framed by the registry");
        }
        var schema = schema(frame.getInt());
        var body = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
        return new GenericDatumReader<GenericRecord>(schema).read(null, body);
    }

    private Schema schema(int id) throws Exception {
        if (!schemas.containsKey(id)) {
            var request = HttpRequest.newBuilder(URI.create(registry + "/schemas/ids/" + id)).build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the registry answers " + answer.statusCode());
            }
            var text = json.readTree(answer.body()).get("schema").asText();
            schemas.put(id, new Schema.Parser().parse(text));
        }
        return schemas.get(id);
    }
}
