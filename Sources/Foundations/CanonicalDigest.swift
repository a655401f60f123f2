import Foundation

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
