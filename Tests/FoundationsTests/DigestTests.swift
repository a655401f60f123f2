import Foundations
import Testing

struct DigestTests {
  /// FIPS 180-4's example.
  @Test func knownAnswer() {
    #expect(
      Digest.sha256Hex(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
