import Foundation
import Foundations

/// What a site tells of its scans' content: a keyed digest each, which says nothing to one who has not the same scan.
package struct ContentDigests: Sendable, Equatable {
  package let site: String
  /// In ascending order, each once.
  package let digests: [[UInt8]]

  /// SHA-256 over the run's key and a scan's `Volume.contentHash`.
  package static func digest(_ contentHash: UInt64, key: [UInt8]) -> [UInt8] {
    Digest.sha256(key + withUnsafeBytes(of: contentHash.littleEndian) { Array($0) })
  }

  /// 32 random bytes, new for every run: digests of two runs cannot be compared.
  package static func newKey() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}

/// Scans that two sites have in common.
package struct SharedContent: Sendable, Equatable {
  package let sites: [String]
  package let digests: Set<[UInt8]>

  /// Every pair of sites with a digest in common, in the order of `sites`.
  package static func pairs(_ sites: [ContentDigests]) -> [SharedContent] {
    sites.indices.flatMap { first in
      sites[(first + 1)...].compactMap { second in
        let common = Set(sites[first].digests).intersection(second.digests)
        return common.isEmpty
          ? nil : SharedContent(sites: [sites[first].site, second.site], digests: common)
      }
    }
  }
}
