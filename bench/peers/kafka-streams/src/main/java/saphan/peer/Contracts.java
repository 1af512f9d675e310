package saphan.peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;

/** All contracts, in the order of agency ids. A set of agencies is the bits of a long. */
final class Contracts {
    /** One agency with its contract versions, oldest first. */
    record Agency(String id, Utf8 name, List<Version> versions) {
        /** The rule in effect, none before the first version. */
        Rule at(int eventType, long now) {
            int inEffect = inEffect(now);
            return inEffect == 0 ? null : versions.get(inEffect - 1).byType[eventType];
        }

        /** The rule by which a holder can have received the event: the latest up to now, else a later one. */
        Rule forRecall(int eventType, long now) {
            int inEffect = inEffect(now);
            for (int it = inEffect - 1; it >= 0; it--) {
                if (versions.get(it).byType[eventType] != null) {
                    return versions.get(it).byType[eventType];
                }
            }
            for (int it = inEffect; it < versions.size(); it++) {
                if (versions.get(it).byType[eventType] != null) {
                    return versions.get(it).byType[eventType];
                }
            }
            return null;
        }

        private int inEffect(long now) {
            int count = 0;
            while (count < versions.size() && versions.get(count).effectiveFrom <= now) {
                count++;
            }
            return count;
        }
    }

    /** One version; rules by event type. */
    record Version(long effectiveFrom, Rule[] byType) {}

    /** What a version says of one event type. */
    record Rule(
            int agency,
            Utf8 agencyName,
            int version,
            int purpose,
            int basis,
            int identity,
            int labels,
            Filter filter,
            String topic,
            Projection projection) {}

    /** Conditions over facets; an empty list is none. */
    record Filter(
            Set<Integer> regions,
            Set<Utf8> facilities,
            Set<Integer> schemes,
            boolean notifiable,
            Set<Utf8> notifiableCodes,
            Set<Utf8> counterparts) {

        boolean admits(Envelope envelope) {
            GenericRecord facets = envelope.facets();
            if (!regions.isEmpty() && !regions.contains((Integer) facets.get(0))) return false;
            if (!facilities.isEmpty() && !facilities.contains((Utf8) envelope.facility())) return false;
            if (!schemes.isEmpty() && !schemes.contains(Envelope.number(facets.get(3)))) return false;
            List<?> codes = (List<?>) facets.get(4);
            if (notifiable && codes.isEmpty()) return false;
            if (!notifiableCodes.isEmpty() && codes.stream().noneMatch(notifiableCodes::contains)) return false;
            return counterparts.isEmpty() || counterparts.contains(facets.get(5));
        }
    }

    final List<Agency> agencies = new ArrayList<>();
    /** By event type: agencies with a rule for it in any version. */
    final long[] byType = new long[Types.N_TYPES];

    Contracts(JsonNode list, Schemas schemas) {
        if (list.size() > Long.SIZE) {
            throw new IllegalArgumentException("more than 64 agencies");
        }
        for (JsonNode it : list) {
            add(it, schemas);
        }
    }

    private void add(JsonNode node, Schemas schemas) {
        int agency = agencies.size();
        Utf8 name = text(node.get("id"));
        List<Version> versions = new ArrayList<>();
        for (JsonNode version : node.get("versions")) {
            Rule[] rules = new Rule[Types.N_TYPES];
            for (JsonNode it : version.get("rules")) {
                int type = it.get("type").asInt();
                byType[type] |= 1L << agency;
                rules[type] = new Rule(
                        agency,
                        name,
                        version.get("number").asInt(),
                        it.get("purpose").asInt(),
                        it.get("basis").asInt(),
                        it.get("identity").asInt(),
                        it.get("labels").asInt(),
                        filter(it.get("filter")),
                        it.get("topic").asText(),
                        new Projection(
                                it.get("schemaId").asInt(),
                                Schemas.parse(it.get("schema").asText()),
                                schemas.ofLog(type)));
            }
            versions.add(new Version(version.get("effectiveFrom").asLong(), rules));
        }
        agencies.add(new Agency(name.toString(), name, versions));
    }

    private static Filter filter(JsonNode node) {
        return new Filter(
                numbers(node.get("regions")),
                texts(node.get("facilities")),
                numbers(node.get("schemes")),
                node.get("notifiable").asBoolean(),
                texts(node.get("notifiableCodes")),
                texts(node.get("counterparts")));
    }

    private static Set<Integer> numbers(JsonNode list) {
        Set<Integer> all = new HashSet<>();
        list.forEach(it -> all.add(it.asInt()));
        return all;
    }

    private static Set<Utf8> texts(JsonNode list) {
        Set<Utf8> all = new HashSet<>();
        list.forEach(it -> all.add(text(it)));
        return all;
    }

    /** Avro gives text as bytes; a hash computed once is kept. */
    private static Utf8 text(JsonNode node) {
        return new Utf8(node.asText());
    }
}
