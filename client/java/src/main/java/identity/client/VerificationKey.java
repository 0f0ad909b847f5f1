package identity.client;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** A public key with the one algorithm for which it may be used. */
record VerificationKey(String algorithm, PublicKey key) {
  // By the names of RFC 7518 and RFC 8037, those of the JDK.
  private static final Map<String, String> ALGORITHMS = Map.of(
      "EdDSA", "Ed25519", "ES256", "SHA256withECDSAinP1363Format", "RS256", "SHA256withRSA");
  private static final int MIN_RSA_BITS = 2048;
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");  // RFC 8410

  /** Reads a JWK (RFC 7517). Empty if it has no key of a kind that is known here. */
  static Optional<VerificationKey> from(Map<?, ?> jwk) {
    try {
      VerificationKey key = parse(jwk);
      boolean isForSignatures = jwk.get("use") == null || "sig".equals(jwk.get("use"));
      boolean isForAlgorithm = key != null && (jwk.get("alg") == null || key.algorithm.equals(jwk.get("alg")));
      return isForSignatures && isForAlgorithm ? Optional.of(key) : Optional.empty();
    } catch (GeneralSecurityException | IllegalArgumentException | ClassCastException malformed) {
      return Optional.empty();
    }
  }

  boolean verifies(byte[] message, byte[] signature) {
    try {
      if (key instanceof ECPublicKey curve && !isInRange(signature, curve.getParams().getOrder())) return false;
      Signature verifier = Signature.getInstance(ALGORITHMS.get(algorithm));
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  // r and s, by half. Early versions of JDK 17 accept zeros for every message (CVE-2022-21449).
  private static boolean isInRange(byte[] signature, BigInteger order) {
    int half = signature.length / 2;
    BigInteger r = new BigInteger(1, signature, 0, half);
    BigInteger s = new BigInteger(1, signature, half, half);
    return r.signum() > 0 && s.signum() > 0 && r.compareTo(order) < 0 && s.compareTo(order) < 0;
  }

  private static VerificationKey parse(Map<?, ?> jwk) throws GeneralSecurityException {
    if ("OKP".equals(jwk.get("kty")) && "Ed25519".equals(jwk.get("crv"))) {
      return new VerificationKey("EdDSA", ed25519(Base64Url.decode(text(jwk, "x"))));
    }
    if ("EC".equals(jwk.get("kty")) && "P-256".equals(jwk.get("crv"))) {
      return new VerificationKey("ES256", p256(number(jwk, "x"), number(jwk, "y")));
    }
    return "RSA".equals(jwk.get("kty")) ? new VerificationKey("RS256", rsa(number(jwk, "n"), number(jwk, "e"))) : null;
  }

  private static PublicKey ed25519(byte[] point) throws GeneralSecurityException {
    if (point.length != 32) throw new IllegalArgumentException("not a key of Ed25519");
    String encoded = HexFormat.of().formatHex(ED25519_PREFIX) + HexFormat.of().formatHex(point);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(encoded)));
  }

  private static PublicKey p256(BigInteger x, BigInteger y) throws GeneralSecurityException {
    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
    curve.init(new ECGenParameterSpec("secp256r1"));
    return KeyFactory.getInstance("EC").generatePublic(
        new ECPublicKeySpec(new ECPoint(x, y), curve.getParameterSpec(ECParameterSpec.class)));
  }

  private static PublicKey rsa(BigInteger modulus, BigInteger exponent) throws GeneralSecurityException {
    RSAPublicKey key =
        (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    if (key.getModulus().bitLength() < MIN_RSA_BITS) throw new IllegalArgumentException("a short key of RSA");
    return key;
  }

  private static String text(Map<?, ?> jwk, String name) {
    if (jwk.get(name) instanceof String text) return text;
    throw new IllegalArgumentException(name + " is not a text");
  }

  private static BigInteger number(Map<?, ?> jwk, String name) {
    return new BigInteger(1, Base64Url.decode(text(jwk, name)));
  }
}
