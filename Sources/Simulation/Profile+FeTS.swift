import Foundations
import Imaging

extension Profile {
  /// Sites `site-01` … `site-23`, their scanners and patients drawn from the seed, in BraTS' grid.
  static func federatedTumourSites(seed: UInt64) -> [SiteProfile] {
    SitePartition.federatedTumourCounts.enumerated().map { index, cases in
      let name = index < 9 ? "site-0\(index + 1)" : "site-\(index + 1)"
      var stream = RandomStream(seed: seed, purpose: .caseMix, site: name)
      func factors() -> (tr: Double, te: Double) {
        (stream.uniform(0.85...1.15), stream.uniform(0.85...1.15))
      }
      let protocols = Protocols(
        t1: factors(), t1ce: factors(), t2: factors(), flair: factors(),
        offNull: stream.uniform(0.97...1.03))
      let scanner = Scanner(
        fieldStrength: stream.uniform() < 0.5 ? 1.5 : 3, protocols: protocols, spacing: .one,
        orientation: "LPS", noise: stream.uniform(0.02...0.06), biasField: stream.uniform(0.1...0.4),
        pointSpread: stream.uniform(1...1.8), headerForm: .both, dataType: .int16,
        whiteLevel: stream.uniform(150...900))
      let smallest = stream.uniform(12...40)
      let mix = TumourMix(
        smallest: smallest, largest: smallest * stream.uniform(3...6),
        enhancingShare: stream.uniform(0.55...1))
      return SiteProfile(name: name, scanner: scanner, mix: mix, cases: cases)
    }
  }
}
