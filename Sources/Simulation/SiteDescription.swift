import Foundations
import Imaging
import Yams

/// A site's `site.yaml`: how its scans came about, for a reader; nothing is read back from it.
struct SiteDescription: Codable, Sendable, Equatable {
  struct ScannerPart: Codable, Sendable, Equatable {
    let fieldStrengthTesla: Double
    let sequencesMs: Protocols
    let spacingMm: [Double]
    let voxels: [Int]
    let orientation: String
    let tiltDegrees: Double
    let pointSpreadVoxels: Double
    let noiseShareOfWhiteMatter: Double
    let biasFieldEndToEnd: Double
    let headerForm: Scanner.HeaderForm
    let dataType: String
    let sclSlope: Double
    let whiteMatterLevel: Double

    enum CodingKeys: String, CodingKey {
      case fieldStrengthTesla = "field_strength_tesla"
      case sequencesMs = "sequences_ms"
      case spacingMm = "spacing_mm"
      case voxels, orientation
      case tiltDegrees = "tilt_degrees"
      case pointSpreadVoxels = "point_spread_voxels"
      case noiseShareOfWhiteMatter = "noise_share_of_white_matter"
      case biasFieldEndToEnd = "bias_field_end_to_end"
      case headerForm = "header_form"
      case dataType = "data_type"
      case sclSlope = "scl_slope"
      case whiteMatterLevel = "white_matter_level"
    }
  }

  static let generatorName = "segfed simulate"

  var schemaVersion = 1
  var generator = SiteDescription.generatorName
  let name: String
  let profile: String
  let split: String
  let seed: UInt64
  let cases: Int
  let tumours: TumourMix
  let scanner: ScannerPart

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case generator, name, profile, split, seed, cases, tumours, scanner
  }

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
      fieldStrengthTesla: scanner.fieldStrength, sequencesMs: scanner.protocols,
      spacingMm: (0..<3).map { rounded(spacing[$0]) }, voxels: (0..<3).map { geometry.size[$0] },
      orientation: scanner.orientation, tiltDegrees: scanner.tilt,
      pointSpreadVoxels: scanner.pointSpread, noiseShareOfWhiteMatter: scanner.noise,
      biasFieldEndToEnd: scanner.biasField, headerForm: scanner.headerForm,
      dataType: "\(scanner.dataType)", sclSlope: scanner.slope, whiteMatterLevel: scanner.whiteLevel)
  }

  func yaml() throws -> String { PlainNumbers.inYAML(try YAMLEncoder().encode(self)) }
}

/// The root's `dataset.yaml`, written last: a folder without it is not complete.
struct DatasetDescription: Codable, Sendable, Equatable {
  var schemaVersion = 1
  var generator = SiteDescription.generatorName
  let profile: String
  let split: String
  let seed: UInt64
  let labels: [String: Int]
  let sites: [String]
  let cases: Int

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case generator, profile, split, seed, labels, sites, cases
  }

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

/// Numbers as people write them: the encoder's `2.5e+1` becomes `25`.
private enum PlainNumbers {
  static func inYAML(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(line).joined(separator: "\n")
  }

  private static func line(_ line: Substring) -> String {
    guard let space = line.lastIndex(of: " ") else { return String(line) }
    let word = line[line.index(after: space)...]
    guard word.contains("e+") || word.contains("e-"), let number = Double(word) else { return String(line) }
    let thousandths = (number * 1000).rounded() / 1000
    let plain = thousandths == thousandths.rounded() ? "\(Int(thousandths))" : "\(thousandths)"
    return line[...space] + plain
  }
}
