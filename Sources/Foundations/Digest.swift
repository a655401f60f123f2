import Crypto
import Foundation

/// SHA-256 digests of bytes.
package enum Digest {
  /// The 32 bytes of the digest.
  package static func sha256(_ bytes: some DataProtocol) -> [UInt8] {
    Array(SHA256.hash(data: bytes))
  }

  /// The digest of several pieces, one behind the other.
  package static func sha256(pieces: [Data]) -> [UInt8] {
    var hash = SHA256()
    for piece in pieces { hash.update(data: piece) }
    return Array(hash.finalize())
  }

  /// The digest as 64 lower-case hexadecimal digits.
  package static func sha256Hex(_ bytes: some DataProtocol) -> String {
    hex(sha256(bytes))
  }

  package static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// The 32 bytes that 64 hexadecimal digits stand for; nil for anything else.
  package static func bytes(_ hex: String) -> [UInt8]? {
    let digits = hex.compactMap(\.hexDigitValue)
    guard digits.count == 64, hex.count == 64 else { return nil }
    return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

extension Encodable {
  /// SHA-256 of the value as JSON with sorted keys.
  package var canonicalDigest: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Plans and configurations are validated: no value in them is beyond JSON.
    guard let bytes = try? encoder.encode(self) else { preconditionFailure("a value that JSON cannot hold") }
    return Digest.sha256(bytes)
  }
}
