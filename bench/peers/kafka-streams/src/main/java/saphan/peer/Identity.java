package saphan.peer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Agency pseudonyms (HMAC-SHA-256) and opening of citizen ids (XChaCha20-Poly1305). One for each thread. */
final class Identity {
    private final Mac[] agencies;
    private final byte[] sealing;
    private final Cipher cipher;
    private byte[] lastSealed;
    private byte[] lastEventId;
    private byte[] opened;

    Identity(byte[][] secrets, Contracts contracts) {
        try {
            Mac master = mac(secrets[0]);
            agencies = new Mac[contracts.agencies.size()];
            for (int it = 0; it < agencies.length; it++) {
                byte[] id = contracts.agencies.get(it).id().getBytes(StandardCharsets.UTF_8);
                agencies[it] = mac(tag(master, "saphan/agency-key/v1", id));
            }
            sealing = tag(mac(secrets[1]), "saphan/seal-cipher/v1");
            cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    /** The agencies' master key and the sealing key of a fresh key file, which holds one. */
    static byte[][] secrets(String file) throws java.io.IOException {
        List<String> lines = Files.readAllLines(Path.of(file));
        Pattern agency = Pattern.compile("agency *= *\"([^\"]+)\".*");
        Pattern secret = Pattern.compile("secret *= *\"([^\"]+)\".*");
        return new byte[][] {find(lines, agency), find(lines, secret)};
    }

    private static byte[] find(List<String> lines, Pattern pattern) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .map(it -> HexFormat.of().parseHex(it.group(1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the key file has another form"));
    }

    byte[] pseudonym(int agency, byte[] patient) {
        return Arrays.copyOf(tag(agencies[agency], "saphan/agency-patient/v1", patient), 16);
    }

    /** Opened once for a record, whoever receives it; the cipher refuses the same nonce twice in a row. */
    byte[] open(byte[] sealed, byte[] eventId) {
        if (!Arrays.equals(sealed, lastSealed) || !Arrays.equals(eventId, lastEventId)) {
            opened = decrypt(sealed, eventId);
            lastSealed = sealed;
            lastEventId = eventId;
        }
        return opened;
    }

    /** Layout: version, nonce of 24 bytes, ciphertext with tag. */
    private byte[] decrypt(byte[] sealed, byte[] eventId) {
        byte[] key = hchacha20(sealing, Arrays.copyOfRange(sealed, 1, 17));
        byte[] nonce = new byte[12];
        System.arraycopy(sealed, 17, nonce, 4, 8);
        try {
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
            cipher.updateAAD(eventId);
            return cipher.doFinal(sealed, 25, sealed.length - 25);
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException("a sealed citizen id cannot be opened", error);
        }
    }

    private static Mac mac(byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac;
    }

    /** Context and parts, each with its length before it. */
    private static byte[] tag(Mac mac, String context, byte[]... parts) {
        part(mac, context.getBytes(StandardCharsets.UTF_8));
        for (byte[] it : parts) {
            part(mac, it);
        }
        return mac.doFinal();
    }

    private static void part(Mac mac, byte[] bytes) {
        mac.update(ByteBuffer.allocate(8).putLong(bytes.length).array());
        mac.update(bytes);
    }

    /** The key of XChaCha20 for the first 16 bytes of its nonce (draft-irtf-cfrg-xchacha). */
    private static byte[] hchacha20(byte[] key, byte[] nonce) {
        ByteBuffer in = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        in.put("expand 32-byte k".getBytes(StandardCharsets.US_ASCII)).put(key).put(nonce).flip();
        int[] x = new int[16];
        in.asIntBuffer().get(x);
        for (int round = 0; round < 10; round++) {
            quarter(x, 0, 4, 8, 12);
            quarter(x, 1, 5, 9, 13);
            quarter(x, 2, 6, 10, 14);
            quarter(x, 3, 7, 11, 15);
            quarter(x, 0, 5, 10, 15);
            quarter(x, 1, 6, 11, 12);
            quarter(x, 2, 7, 8, 13);
            quarter(x, 3, 4, 9, 14);
        }
        ByteBuffer out = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        for (int it : new int[] {0, 1, 2, 3, 12, 13, 14, 15}) {
            out.putInt(x[it]);
        }
        return out.array();
    }

    private static void quarter(int[] x, int a, int b, int c, int d) {
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
    }
}
