package saphan.peer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/** A patient's directives and what they say, by the rules of crates/policy/src/consent.rs. */
final class Consent {
    private static final int DIRECTIVES_MAX = 200;

    /** A directive with the event that carried it. */
    record Held(byte[] eventId, GenericRecord directive) {
        boolean active() {
            return (Boolean) directive.get(1);
        }

        long givenAt() {
            return (Long) directive.get(8);
        }

        CharSequence id() {
            return (CharSequence) directive.get(0);
        }
    }

    /** What is asked. */
    record Question(
            CharSequence recipient, int purpose, int eventType, int labels, CharSequence facility, int occurredOn, long now) {}

    /** No reason means yes. */
    record Verdict(int reason, CharSequence directiveId) {
        static final int PERMIT = -1;

        boolean permits() {
            return reason == PERMIT;
        }
    }

    /** Sorted by event id. */
    final List<Held> held;

    Consent(List<Held> held) {
        this.held = held;
    }

    /** From a row of state. */
    static Consent of(GenericRecord state) {
        List<Held> held = new ArrayList<>();
        for (Object it : (List<?>) state.get(1)) {
            GenericRecord row = (GenericRecord) it;
            held.add(new Held(((GenericFixed) row.get(0)).bytes(), (GenericRecord) row.get(1)));
        }
        return new Consent(held);
    }

    Consent copy() {
        return new Consent(new ArrayList<>(held));
    }

    private boolean readable() {
        return held.size() <= DIRECTIVES_MAX;
    }

    void put(byte[] eventId, GenericRecord directive) {
        if (!readable()) return;
        int place = find(eventId);
        if (place >= 0) {
            held.set(place, new Held(eventId, directive));
            return;
        }
        held.add(-place - 1, new Held(eventId, directive));
        if (!readable()) {
            held.stream()
                    .filter(it -> !it.active())
                    .min((a, b) -> compare(a, b))
                    .ifPresent(held::remove);
        }
    }

    boolean retract(byte[] eventId) {
        int place = readable() ? find(eventId) : -1;
        if (place >= 0) held.remove(place);
        return place >= 0;
    }

    private int find(byte[] eventId) {
        int low = 0;
        int high = held.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Arrays.compareUnsigned(held.get(middle).eventId, eventId);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -low - 1;
    }

    private static int compare(Held a, Held b) {
        int order = Long.compare(a.givenAt(), b.givenAt());
        return order != 0 ? order : Arrays.compareUnsigned(a.eventId, b.eventId);
    }

    Verdict decide(Question question) {
        List<Held> inForce = new ArrayList<>();
        for (Held it : held) {
            if (inForce(it.directive, question.now)) inForce.add(it);
        }
        if (inForce.isEmpty()) {
            int reason = held.isEmpty() ? Types.NO_DIRECTIVE : Types.DIRECTIVE_NOT_IN_FORCE;
            return new Verdict(reason, null);
        }
        Search search = new Search(question);
        for (Held it : inForce) {
            search.provisions(it, (List<?>) it.directive.get(3), 1, 0);
        }
        if (search.best != null) {
            int reason = search.deny ? Types.DIRECTIVE_DENY : Verdict.PERMIT;
            return new Verdict(reason, search.best.id());
        }
        return byBase(inForce, question.labels, search.uncovered);
    }

    private static Verdict byBase(List<Held> inForce, int labels, Held uncovered) {
        if (uncovered != null) return new Verdict(Types.LABEL_NOT_PERMITTED, uncovered.id());
        Held deny = null;
        Held permit = null;
        for (Held it : inForce) {
            boolean denies = Envelope.number(it.directive.get(2)) == Types.EFFECT_DENY;
            if (denies && (deny == null || compare(it, deny) > 0)) deny = it;
            if (!denies && (permit == null || compare(it, permit) > 0)) permit = it;
        }
        if (deny != null) return new Verdict(Types.DIRECTIVE_DENY, deny.id());
        return new Verdict(labels == 0 ? Verdict.PERMIT : Types.LABEL_NOT_PERMITTED, permit.id());
    }

    private static boolean inForce(GenericRecord directive, long now) {
        Long from = (Long) directive.get(4);
        Long until = (Long) directive.get(5);
        return (Boolean) directive.get(1) && (from == null || from <= now) && (until == null || now < until);
    }

    /** The most specific provision found so far. */
    private static final class Search {
        private final Question question;
        Held best;
        Held uncovered;
        boolean deny;
        private int depth;
        private int dimensions;

        Search(Question question) {
            this.question = question;
        }

        void provisions(Held of, List<?> provisions, int atDepth, int around) {
            for (Object it : provisions) {
                GenericRecord provision = (GenericRecord) it;
                int labels = Envelope.bits((List<?>) provision.get(4));
                if (!reaches(provision, labels)) continue;
                int named = around | named(provision);
                boolean denies = Envelope.number(provision.get(0)) == Types.EFFECT_DENY;
                if (denies || (question.labels & ~labels) == 0) {
                    offer(of, atDepth, Integer.bitCount(named), denies);
                } else if (uncovered == null) {
                    uncovered = of;
                }
                provisions(of, (List<?>) provision.get(8), atDepth + 1, named);
            }
        }

        private void offer(Held of, int atDepth, int named, boolean denies) {
            int order = best == null ? 1 : Integer.compare(atDepth, depth);
            if (order == 0) order = Integer.compare(named, dimensions);
            if (order == 0) order = Boolean.compare(denies, deny);
            if (order == 0) order = compare(of, best);
            if (order > 0) {
                best = of;
                depth = atDepth;
                dimensions = named;
                deny = denies;
            }
        }

        private boolean reaches(GenericRecord provision, int labels) {
            List<?> recipients = (List<?>) provision.get(1);
            List<?> facilities = (List<?>) provision.get(5);
            Integer from = (Integer) provision.get(6);
            Integer until = (Integer) provision.get(7);
            return (recipients.isEmpty() || recipients.contains(question.recipient))
                    && names((List<?>) provision.get(2), question.purpose)
                    && names((List<?>) provision.get(3), question.eventType)
                    && (facilities.isEmpty() || facilities.contains(question.facility))
                    && (labels == 0 || (labels & question.labels) != 0)
                    && (from == null || from <= question.occurredOn)
                    && (until == null || question.occurredOn <= until);
        }

        private static boolean names(List<?> symbols, int number) {
            return symbols.isEmpty() || (Envelope.bits(symbols) & 1 << number) != 0;
        }

        /** Which dimensions a provision names, one bit each. */
        private static int named(GenericRecord provision) {
            int bits = provision.get(6) != null || provision.get(7) != null ? 1 << 5 : 0;
            for (int field = 1; field <= 5; field++) {
                if (!((List<?>) provision.get(field)).isEmpty()) bits |= 1 << (field - 1);
            }
            return bits;
        }
    }
}
