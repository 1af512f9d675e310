import java.io.BufferedWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A foreign client that reads one agency topic while the platform is being broken, and writes down what it got: one
 * line a record with partition, offset, event id, version. Once its standard input closes it reads until nothing has
 * come for ten seconds, and ends.
 *
 * With `committed` it reads every partition by itself, committed records only. With `defaults` it is what somebody
 * writes who gives addresses and a group and leaves the rest to the client: `read_uncommitted`, positions committed by a
 * timer.
 *
 * Usage: Follow BOOTSTRAP TOPIC FILE committed|defaults
 */
public final class Follow {
    private static final Duration SILENCE = Duration.ofSeconds(10);

    public static void main(String[] args) throws Exception {
        var last = new AtomicBoolean();
        var listener = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException ignored) {
                // as good as closed
            }
            last.set(true);
        });
        listener.setDaemon(true);
        listener.start();
        var committed = args[3].equals("committed");
        var settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        if (committed) {
            settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
            settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
            settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        } else {
            settings.put(ConsumerConfig.GROUP_ID_CONFIG, "foreign-defaults");
            settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        }
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(settings, bytes, bytes);
                var out = Files.newBufferedWriter(Path.of(args[2]))) {
            if (committed) {
                var all = consumer.partitionsFor(args[1]).stream()
                    .map(it -> new TopicPartition(it.topic(), it.partition())).toList();
                consumer.assign(all);
                consumer.seekToBeginning(all);
            } else {
                consumer.subscribe(List.of(args[1]));
            }
            follow(consumer, out, last);
        }
    }

    private static void follow(KafkaConsumer<byte[], byte[]> consumer, BufferedWriter out, AtomicBoolean last)
            throws Exception {
        var heard = System.nanoTime();
        while (!last.get() || System.nanoTime() - heard < SILENCE.toNanos()) {
            var records = consumer.poll(Duration.ofSeconds(1));
            for (var it : records) {
                heard = System.nanoTime();
                out.write(it.partition() + " " + it.offset() + " " + told(it.value()) + "\n");
            }
            out.flush();
        }
    }

    /** Event id and version: the frame has 5 bytes, ids of 16 bytes each follow, then two numbers. */
    private static String told(byte[] value) {
        var body = ByteBuffer.wrap(value, 5, value.length - 5);
        var event = new byte[16];
        body.get(event);
        body.position(body.position() + 16);
        number(body); // action
        return HexFormat.of().formatHex(event) + " " + number(body);
    }

    /** Avro's variable length, zigzag. */
    private static long number(ByteBuffer body) {
        long coded = 0;
        for (int shift = 0; ; shift += 7) {
            var next = body.get();
            coded |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return coded >>> 1 ^ -(coded & 1);
            }
        }
    }
}
