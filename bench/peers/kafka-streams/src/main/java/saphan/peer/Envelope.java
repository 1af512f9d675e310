package saphan.peer;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.generic.GenericData.EnumSymbol;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/** The envelope of a log record, by the positions of its fields in schemas/envelope. */
record Envelope(GenericRecord record) {
    byte[] eventId() {
        return ((GenericFixed) record.get(0)).bytes();
    }

    byte[] revision() {
        return ((GenericFixed) record.get(1)).bytes();
    }

    long sequence() {
        return (Long) record.get(2);
    }

    byte[] patient() {
        return ((GenericFixed) record.get(3)).bytes();
    }

    byte[] sealedCitizenId() {
        ByteBuffer sealed = (ByteBuffer) record.get(4);
        if (sealed == null) return null;
        byte[] bytes = new byte[sealed.remaining()];
        sealed.duplicate().get(bytes);
        return bytes;
    }

    CharSequence facility() {
        return (CharSequence) record.get(5);
    }

    int eventType() {
        return number(record.get(6));
    }

    /** The Thai day on which it happened, days since 1970. */
    int occurredOn() {
        return (int) Math.floorDiv((Long) record.get(7) + 7 * 3_600_000L, 86_400_000L);
    }

    int labels() {
        return bits((List<?>) record.get(9));
    }

    GenericRecord facets() {
        return (GenericRecord) record.get(10);
    }

    /** An enum's wire number. */
    static int number(Object symbol) {
        return ((EnumSymbol) symbol).getSchema().getEnumOrdinal(symbol.toString());
    }

    /** A set of enum values as bits. */
    static int bits(List<?> symbols) {
        int bits = 0;
        for (int it = 0; it < symbols.size(); it++) {
            bits |= 1 << number(symbols.get(it));
        }
        return bits;
    }
}
