import Foundations
import Imaging
import Yams

/// A site's `site.yaml`: how its scans came about, for a reader; nothing is read back from it.
struct SiteDescription: Codable, Sendable, Equatable {
  struct ScannerPart: Codable, Sendable, Equatable {
    let field_strength_tesla: Double
    let sequences_ms: Protocols
    let spacing_mm: [Double]
    let voxels: [Int]
    let orientation: String
    let tilt_degrees: Double
    let point_spread_voxels: Double
    let noise_share_of_white_matter: Double
    let bias_field_end_to_end: Double
    let header_form: Scanner.HeaderForm
    let data_type: String
    let scl_slope: Double
    let white_matter_level: Double
  }

  static let generatorName = "segfed simulate"

  var schema_version = 1
  var generator = SiteDescription.generatorName
  let name: String
  let profile: String
  let split: String
  let seed: UInt64
  let cases: Int
  let tumours: TumourMix
  let scanner: ScannerPart

  init(_ site: SiteProfile, request: SimulationRequest, size: SIMD3<Int>) {
    name = site.name
    profile = request.profile.rawValue
    split = request.split.rawValue
    seed = request.seed
    cases = site.cases
    tumours = site.mix
    let scanner = site.scanner
    // i, j, k as they lie in the file.
    let geometry = scanner.geometry(size: size)
    let spacing = geometry.spacing
    func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
    self.scanner = ScannerPart(
      field_strength_tesla: scanner.fieldStrength, sequences_ms: scanner.protocols,
      spacing_mm: (0..<3).map { rounded(spacing[$0]) }, voxels: (0..<3).map { geometry.size[$0] },
      orientation: scanner.orientation, tilt_degrees: scanner.tilt,
      point_spread_voxels: scanner.pointSpread, noise_share_of_white_matter: scanner.noise,
      bias_field_end_to_end: scanner.biasField, header_form: scanner.headerForm,
      data_type: "\(scanner.dataType)", scl_slope: scanner.slope, white_matter_level: scanner.whiteLevel)
  }

  func yaml() throws -> String { try YAMLEncoder().encode(self) }
}

/// The root's `dataset.yaml`, written last: a folder without it is not complete.
struct DatasetDescription: Codable, Sendable, Equatable {
  var schema_version = 1
  var generator = SiteDescription.generatorName
  let profile: String
  let split: String
  let seed: UInt64
  let labels: [String: Int]
  let sites: [String]
  let cases: Int

  init(_ sites: [SiteProfile], request: SimulationRequest) {
    profile = request.profile.rawValue
    split = request.split.rawValue
    seed = request.seed
    labels = ["core": 1, "edema": 2, "enhancing": 4]
    self.sites = sites.map(\.name)
    cases = sites.reduce(0) { $0 + $1.cases }
  }

  func yaml() throws -> String {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = true
    return try encoder.encode(self)
  }
}
