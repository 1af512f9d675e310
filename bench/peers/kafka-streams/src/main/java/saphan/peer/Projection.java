package saphan.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * What an agency receives: the fields of its schema, written straight from the decoded log record. Compiled
 * once, since building a record of the agency's schema first would cost more.
 */
final class Projection {
    private interface Step {
        void write(Object value, BinaryEncoder out) throws IOException;
    }

    final int schemaId;
    private final Step envelope;
    private final Step body;

    Projection(int schemaId, Schema derived, Schema log) {
        this.schemaId = schemaId;
        envelope = derived.getField("envelope") == null ? null : part("envelope", derived, log);
        body = part("body", derived, log);
    }

    private static Step part(String name, Schema derived, Schema log) {
        return step(log.getField(name).schema(), derived.getField(name).schema());
    }

    byte[] deliver(GenericRecord log, Envelope of, byte[] identity, int mode) {
        return write(of, 0, identity, mode, out -> {
            if (envelope != null) envelope.write(of.record(), out);
            body.write(log.get(1), out);
        });
    }

    byte[] retract(Envelope of, byte[] identity, int mode) {
        return write(of, 1, identity, mode, out -> {
            if (envelope != null) out.writeIndex(0);
            out.writeIndex(0);
        });
    }

    private interface Rest {
        void write(BinaryEncoder out) throws IOException;
    }

    private byte[] write(Envelope of, int action, byte[] identity, int mode, Rest rest) {
        return framed(schemaId, out -> {
            out.writeFixed(of.eventId());
            out.writeFixed(of.revision());
            out.writeEnum(action);
            out.writeLong(of.sequence() * 2 + (action == 0 ? 1 : 0));
            if (mode != Types.IDENTITY_NONE) {
                out.writeIndex(identity == null ? 0 : 1);
                if (identity != null && mode == Types.IDENTITY_PSEUDONYM) out.writeFixed(identity);
                if (identity != null && mode == Types.IDENTITY_CITIZEN_ID) out.writeBytes(identity);
            }
            rest.write(out);
        });
    }

    private static final class Buffer {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    }

    private static final ThreadLocal<Buffer> BUFFER = ThreadLocal.withInitial(Buffer::new);

    /** A value behind 00 and its schema's id. */
    static byte[] framed(int schemaId, Encoding encoding) {
        Buffer buffer = BUFFER.get();
        buffer.bytes.reset();
        buffer.bytes.write(0);
        buffer.bytes.writeBytes(ByteBuffer.allocate(4).putInt(schemaId).array());
        try {
            encoding.write(buffer.encoder);
            buffer.encoder.flush();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return buffer.bytes.toByteArray();
    }

    /** Writes a value. */
    interface Encoding {
        void write(BinaryEncoder out) throws IOException;
    }

    private static Step step(Schema from, Schema to) {
        if (to.isUnion() && from.isUnion()) {
            Step inner = step(from.getTypes().get(1), to.getTypes().get(1));
            return (value, out) -> {
                out.writeIndex(value == null ? 0 : 1);
                if (value != null) inner.write(value, out);
            };
        }
        if (to.isUnion()) {
            Step inner = step(from, to.getTypes().get(1));
            return (value, out) -> {
                out.writeIndex(1);
                inner.write(value, out);
            };
        }
        return switch (to.getType()) {
            case RECORD -> record(from, to);
            case ARRAY -> array(step(from.getElementType(), to.getElementType()));
            case STRING -> (value, out) -> out.writeString((CharSequence) value);
            case BYTES -> (value, out) -> out.writeBytes((ByteBuffer) value);
            case INT -> (value, out) -> out.writeInt((Integer) value);
            case LONG -> (value, out) -> out.writeLong((Long) value);
            case DOUBLE -> (value, out) -> out.writeDouble((Double) value);
            case BOOLEAN -> (value, out) -> out.writeBoolean((Boolean) value);
            case FIXED -> (value, out) -> out.writeFixed(((GenericFixed) value).bytes());
            case ENUM -> (value, out) -> out.writeEnum(Envelope.number(value));
            default -> throw new IllegalArgumentException("a projection of " + to.getType());
        };
    }

    private static Step record(Schema from, Schema to) {
        List<Schema.Field> fields = to.getFields();
        int[] places = new int[fields.size()];
        Step[] steps = new Step[fields.size()];
        for (int it = 0; it < places.length; it++) {
            Schema.Field source = from.getField(fields.get(it).name());
            places[it] = source.pos();
            steps[it] = step(source.schema(), fields.get(it).schema());
        }
        return (value, out) -> {
            GenericRecord record = (GenericRecord) value;
            for (int it = 0; it < places.length; it++) {
                steps[it].write(record.get(places[it]), out);
            }
        };
    }

    private static Step array(Step item) {
        return (value, out) -> {
            List<?> items = (List<?>) value;
            out.writeArrayStart();
            out.setItemCount(items.size());
            for (int it = 0; it < items.size(); it++) {
                out.startItem();
                item.write(items.get(it), out);
            }
            out.writeArrayEnd();
        };
    }
}
