package saphan.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/** One record of the patient log: decide, deliver, remember. After crates/policy/src/plan.rs. */
final class Route implements Processor<byte[], byte[], byte[], Out> {
    /** What was decided for one agency. */
    private record Outcome(Contracts.Rule rule, int kind, int reason, CharSequence directiveId) {}

    private static final int NO_REASON = -1;

    private final Schemas schemas;
    private final Schemas.Reader reader;
    private final Contracts contracts;
    private final Changes changes;
    private final Identity identity;
    private final GenericDatumWriter<GenericRecord> stateWriter;
    private final Schema stateSchema;
    private ProcessorContext<byte[], Out> context;
    private KeyValueStore<Bytes, byte[]> consents;
    private KeyValueStore<Bytes, byte[]> holdings;
    private final String decisions;

    Route(Schemas schemas, Contracts contracts, Changes changes, Identity identity, String decisions) {
        this.schemas = schemas;
        this.contracts = contracts;
        this.changes = changes;
        this.identity = identity;
        this.decisions = decisions;
        reader = schemas.new Reader();
        stateSchema = schemas.of(schemas.state);
        stateWriter = new GenericDatumWriter<>(stateSchema);
    }

    @Override
    public void init(ProcessorContext<byte[], Out> context) {
        this.context = context;
        consents = context.getStateStore(Main.CONSENTS);
        holdings = context.getStateStore(Main.HOLDINGS);
    }

    @Override
    public void process(Record<byte[], byte[]> input) {
        RecordMetadata at = context.recordMetadata().orElseThrow();
        GenericRecord log = reader.read(input.value());
        Envelope envelope = new Envelope((GenericRecord) log.get(0));
        boolean retraction = envelope.eventType() == Types.RETRACTION;
        GenericRecord body = (GenericRecord) log.get(1);
        int type = retraction ? Envelope.number(body.get(0)) : envelope.eventType();
        if (type == Types.DIRECTIVE) fold(envelope, retraction ? null : body, at.offset());

        byte[] patient = envelope.patient();
        Bytes holding = Bytes.wrap(ByteBuffer.allocate(32).put(patient).put(envelope.eventId()).array());
        byte[] row = contracts.byType[type] == 0 ? null : holdings.get(holding);
        long held = row == null ? 0 : ByteBuffer.wrap(row).getLong();
        Asked asked = new Asked(envelope, at, input.timestamp());
        List<Outcome> outcomes = decide(asked, type, retraction, held);

        Headers source = new RecordHeaders();
        source.add("src", (at.topic() + "/" + at.partition() + "/" + at.offset()).getBytes(StandardCharsets.UTF_8));
        long after = 0;
        for (Outcome it : outcomes) {
            if (it.kind == Types.DELIVERED) after |= 1L << it.rule.agency();
            if (it.kind != Types.WITHHELD) send(it, log, envelope, input.timestamp(), source);
        }
        if (after != held) {
            holdings.put(holding, after == 0 ? null : ByteBuffer.allocate(8).putLong(after).array());
        }
        byte[] decision = decision(asked, type, outcomes);
        context.forward(new Record<>(patient, new Out(decisions, decision), input.timestamp(), source));
    }

    /** The record with what its patient's directives say, looked up when first needed. */
    private final class Asked {
        final Envelope envelope;
        final RecordMetadata at;
        final long now;
        private final int labels;
        private Consent consent;
        private Changes.Foreseen foreseen;
        private boolean foresaw;

        Asked(Envelope envelope, RecordMetadata at, long now) {
            this.envelope = envelope;
            this.at = at;
            this.now = now;
            labels = envelope.labels();
        }

        Consent consent() {
            if (consent == null) consent = load(envelope.patient());
            return consent;
        }

        Changes.Foreseen foreseen() {
            if (!foresaw) {
                foreseen = changes.foresee(envelope.patient(), at.partition(), at.offset(), this::consent);
                foresaw = true;
            }
            return foreseen;
        }

        Consent.Verdict ask(Contracts.Rule rule, Consent of, long when) {
            return of.decide(new Consent.Question(
                    rule.agencyName(),
                    rule.purpose(),
                    envelope.eventType(),
                    labels,
                    envelope.facility(),
                    envelope.occurredOn(),
                    when));
        }
    }

    private List<Outcome> decide(Asked asked, int type, boolean retraction, long held) {
        List<Outcome> outcomes = new ArrayList<>();
        for (long rest = contracts.byType[type]; rest != 0; rest &= rest - 1) {
            int number = Long.numberOfTrailingZeros(rest);
            Contracts.Agency agency = contracts.agencies.get(number);
            boolean holds = (held & 1L << number) != 0;
            Contracts.Rule rule = retraction ? null : agency.at(type, asked.now);
            if (rule != null && rule.filter().admits(asked.envelope)) {
                outcomes.add(candidate(asked, rule, holds));
            } else if (holds) {
                outcomes.add(new Outcome(agency.forRecall(type, asked.now), Types.RETRACTED, NO_REASON, null));
            }
        }
        return outcomes;
    }

    private Outcome candidate(Asked asked, Contracts.Rule rule, boolean holds) {
        int no = holds ? Types.RETRACTED : Types.WITHHELD;
        if ((asked.labels & ~rule.labels()) != 0) return new Outcome(rule, no, Types.LABEL_CEILING, null);
        if (rule.basis() != Types.BASIS_CONSENT) return new Outcome(rule, Types.DELIVERED, NO_REASON, null);
        Consent.Verdict verdict = asked.ask(rule, asked.consent(), asked.now);
        if (!verdict.permits()) return new Outcome(rule, no, verdict.reason(), verdict.directiveId());
        Changes.Foreseen foreseen = asked.foreseen();
        boolean revoked = foreseen != null && !asked.ask(rule, foreseen.consent(), foreseen.at()).permits();
        return revoked
                ? new Outcome(rule, no, Types.REVOKED_OVERLAY, verdict.directiveId())
                : new Outcome(rule, Types.DELIVERED, NO_REASON, verdict.directiveId());
    }

    private void send(Outcome it, GenericRecord log, Envelope envelope, long timestamp, Headers source) {
        Contracts.Rule rule = it.rule;
        boolean delivered = it.kind == Types.DELIVERED;
        byte[] pseudonym = identity.pseudonym(rule.agency(), envelope.patient());
        byte[] shown = null;
        if (rule.identity() == Types.IDENTITY_PSEUDONYM) shown = pseudonym;
        byte[] sealed = delivered && rule.identity() == Types.IDENTITY_CITIZEN_ID ? envelope.sealedCitizenId() : null;
        if (sealed != null) shown = identity.open(sealed, envelope.eventId());
        byte[] value = delivered
                ? rule.projection().deliver(log, envelope, shown, rule.identity())
                : rule.projection().retract(envelope, shown, rule.identity());
        byte[] key = rule.identity() == Types.IDENTITY_NONE ? envelope.eventId() : pseudonym;
        context.forward(new Record<>(key, new Out(rule.topic(), value), timestamp, source));
    }

    private byte[] decision(Asked asked, int type, List<Outcome> outcomes) {
        return Projection.framed(schemas.decision, out -> {
            out.writeInt(asked.at.partition());
            out.writeLong(asked.at.offset());
            out.writeLong(asked.now);
            out.writeFixed(asked.envelope.eventId());
            out.writeFixed(asked.envelope.revision());
            out.writeEnum(type);
            out.writeString(asked.envelope.facility());
            out.writeArrayStart();
            out.setItemCount(outcomes.size());
            for (Outcome it : outcomes) {
                out.startItem();
                out.writeString(it.rule.agencyName());
                out.writeEnum(it.kind);
                out.writeIndex(it.reason == NO_REASON ? 0 : 1);
                if (it.reason != NO_REASON) out.writeEnum(it.reason);
                out.writeIndex(it.kind == Types.DELIVERED ? 1 : 0);
                if (it.kind == Types.DELIVERED) out.writeEnum(it.rule.basis());
                out.writeIndex(it.directiveId == null ? 0 : 1);
                if (it.directiveId != null) out.writeString(it.directiveId);
                out.writeInt(it.rule.version());
            }
            out.writeArrayEnd();
            // Nothing is called back: the contracts of a comparison keep what was delivered.
            out.writeArrayStart();
            out.setItemCount(0);
            out.writeArrayEnd();
        });
    }

    private Consent load(byte[] patient) {
        byte[] row = consents.get(Bytes.wrap(patient));
        return row == null ? new Consent(new ArrayList<>()) : Consent.of(reader.read(row));
    }

    /** Takes a directive, or takes one back. */
    private void fold(Envelope envelope, GenericRecord directive, long offset) {
        Consent consent = load(envelope.patient());
        if (directive != null) consent.put(envelope.eventId(), directive);
        else if (!consent.retract(envelope.eventId())) return;
        Schema heldSchema = stateSchema.getField("directives").schema().getElementType();
        List<GenericRecord> rows = new ArrayList<>();
        for (Consent.Held it : consent.held) {
            GenericRecord row = new GenericData.Record(heldSchema);
            row.put(0, new GenericData.Fixed(heldSchema.getField("event_id").schema(), it.eventId()));
            row.put(1, it.directive());
            rows.add(row);
        }
        GenericRecord state = new GenericData.Record(stateSchema);
        state.put(0, offset);
        state.put(1, rows);
        byte[] value = Projection.framed(schemas.state, out -> stateWriter.write(state, out));
        consents.put(Bytes.wrap(envelope.patient()), value);
    }
}
