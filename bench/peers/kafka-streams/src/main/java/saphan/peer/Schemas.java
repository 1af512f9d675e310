package saphan.peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Schemas by id, and how to read what is framed with one: 00, the id in four bytes, the value. */
final class Schemas {
    private static final int FRAME_BYTES = 5;

    final int decision;
    final int state;
    private final Map<Integer, Schema> byId = new HashMap<>();

    Schemas(JsonNode settings) {
        decision = settings.get("decisionSchema").asInt();
        state = settings.get("stateSchema").asInt();
        for (Map.Entry<String, JsonNode> it : settings.get("schemas").properties()) {
            byId.put(Integer.valueOf(it.getKey()), parse(it.getValue().asText()));
        }
    }

    /** The platform's names hold no surprises, but defaults of enums would be checked needlessly. */
    static Schema parse(String text) {
        return new Schema.Parser().parse(text);
    }

    Schema of(int id) {
        return byId.get(id);
    }

    /** The log's record of an event type's number. */
    Schema ofLog(int eventType) {
        String wanted = Types.LOG_RECORDS[eventType];
        return byId.values().stream().filter(it -> it.getFullName().equals(wanted)).findFirst().orElseThrow();
    }

    /** Reads values; one for each thread, since readers and decoders keep state. */
    final class Reader {
        private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
        private BinaryDecoder decoder;

        GenericRecord read(byte[] framed) {
            int id = ByteBuffer.wrap(framed, 1, 4).getInt();
            GenericDatumReader<GenericRecord> reader =
                    readers.computeIfAbsent(id, it -> new GenericDatumReader<>(byId.get(it)));
            decoder = DecoderFactory.get()
                    .binaryDecoder(framed, FRAME_BYTES, framed.length - FRAME_BYTES, decoder);
            try {
                return reader.read(null, decoder);
            } catch (IOException error) {
                throw new IllegalStateException("a record cannot be read", error);
            }
        }
    }
}
