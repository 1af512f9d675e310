package saphan.peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Changes of consent told ahead of the log, read once before the start: nothing is added while it runs. */
final class Changes {
    private record Change(int partition, long offset, long appendedAt, byte[] eventId, GenericRecord directive) {}

    /** Consent as it will be, and when the last change was appended. */
    record Foreseen(Consent consent, long at) {}

    private final Map<ByteBuffer, List<Change>> byPatient = new HashMap<>();

    static Changes load(JsonNode settings, Schemas schemas) {
        Changes changes = new Changes();
        Schemas.Reader reader = schemas.new Reader();
        Map<String, Object> config = Map.of("bootstrap.servers", settings.get("bootstrap").asText());
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            List<TopicPartition> all = consumer.partitionsFor(settings.get("changes").asText()).stream()
                    .map(it -> new TopicPartition(it.topic(), it.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
                for (ConsumerRecord<byte[], byte[]> it : consumer.poll(Duration.ofMillis(100))) {
                    changes.add(it.key(), reader.read(it.value()));
                }
            }
        }
        changes.byPatient.values().forEach(it -> it.sort((a, b) -> Long.compare(a.offset, b.offset)));
        return changes;
    }

    private void add(byte[] key, GenericRecord it) {
        byPatient
                .computeIfAbsent(ByteBuffer.wrap(Arrays.copyOf(key, 16)), patient -> new ArrayList<>())
                .add(new Change(
                        (Integer) it.get(0),
                        (Long) it.get(1),
                        (Long) it.get(2),
                        ((GenericFixed) it.get(3)).bytes(),
                        (GenericRecord) it.get(4)));
    }

    /** Consent after the changes that follow a record; none if none follows. */
    Foreseen foresee(byte[] patient, int partition, long offset, java.util.function.Supplier<Consent> now) {
        List<Change> all = byPatient.get(ByteBuffer.wrap(patient));
        if (all == null || all.get(all.size() - 1).offset <= offset) return null;
        Consent consent = null;
        long at = 0;
        for (Change it : all) {
            if (it.partition != partition || it.offset <= offset) continue;
            if (consent == null) consent = now.get().copy();
            at = Math.max(at, it.appendedAt);
            if (it.directive != null) consent.put(it.eventId, it.directive);
            else consent.retract(it.eventId);
        }
        return consent == null ? null : new Foreseen(consent, at);
    }
}
