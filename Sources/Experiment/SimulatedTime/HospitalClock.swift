import Foundations

/// How long hospitals take, drawn for each site: FeTS 2022's per-site means at real hospitals.
///
/// Least, median and largest of what the FeTS challenge gives (FETS-AI/Challenge); between them along straight lines. A site that is slow to
/// train is slow to validate, one that is slow to download is slow to upload.
package struct HospitalClock: Sendable {
  /// Seconds.
  package struct Range: Sendable, Equatable {
    let least: Double
    let median: Double
    let most: Double

    /// The quantile of a share from 0 to 1.
    package func callAsFunction(_ share: Double) -> Double {
      share < 0.5
        ? least + (median - least) * 2 * share : median + (most - median) * (2 * share - 1)
    }
  }

  /// A patient trained on once, and validated.
  package static let training = Range(least: 1.8, median: 5.8, most: 20.7)
  package static let validation = Range(least: 9.7, median: 15.3, most: 40.2)
  /// A model of 32-bit numbers down and up: a message takes as much of it as it has bytes.
  package static let download = Range(least: 13, median: 99.5, most: 217)
  package static let upload = Range(least: 20, median: 158.7, most: 431)

  package struct Site: Sendable, Equatable {
    package let trainingSeconds: Double
    package let validationSeconds: Double
    package let downloadSeconds: Double
    package let uploadSeconds: Double
  }

  let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  package func site(_ name: String) -> Site {
    var stream = RandomStream(seed: seed, purpose: .clock, site: name)
    let (machine, link) = (stream.uniform(), stream.uniform())
    return Site(
      trainingSeconds: Self.training(machine), validationSeconds: Self.validation(machine),
      downloadSeconds: Self.download(link), uploadSeconds: Self.upload(link))
  }
}
