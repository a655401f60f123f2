extension AugmentationChoice: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case base, elastic
    case elasticMagnitude = "elastic_magnitude"
    case biasField = "bias_field"
    case ghosting
    case anisotropicBlur = "anisotropic_blur"
  }

  /// A name, or a mapping, in which what is left out is off, and a base left out is `nnunet`.
  package init(from decoder: any Decoder) throws {
    guard let fields = try? decoder.container(keyedBy: CodingKeys.self) else {
      let names = Self.named.map(\.name)
      let found = try decoder.singleValueContainer().decode(String.self)
      guard let index = names.firstIndex(of: found) else {
        throw Self.unknown(found, expected: names + ["a mapping"], decoder.codingPath)
      }
      self = Self.named[index].choice
      return
    }
    let base = try fields.decodeIfPresent(String.self, forKey: .base) ?? Base.nnunet.rawValue
    guard let known = Base(rawValue: base) else {
      throw Self.unknown(
        base, expected: Base.allCases.map(\.rawValue), decoder.codingPath + [CodingKeys.base])
    }
    func number(_ key: CodingKeys, else other: Double) throws -> Double {
      try fields.decodeIfPresent(Double.self, forKey: key) ?? other
    }
    self.init(base: known)
    elastic = try number(.elastic, else: 0)
    elasticMagnitude = try number(.elasticMagnitude, else: Self.magnitude)
    biasField = try number(.biasField, else: 0)
    ghosting = try number(.ghosting, else: 0)
    anisotropicBlur = try number(.anisotropicBlur, else: 0)
  }

  private static func unknown(
    _ found: String, expected: [String], _ path: [any CodingKey]
  ) -> DecodingError {
    .dataCorrupted(
      .init(
        codingPath: path,
        debugDescription: "found \(found), expected \(expected.dropLast().joined(separator: ", ")) or "
          + (expected.last ?? "")))
  }

  /// A preset as its name.
  package func encode(to encoder: any Encoder) throws {
    if let preset = Self.named.first(where: { $0.choice == self }) {
      var container = encoder.singleValueContainer()
      return try container.encode(preset.name)
    }
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(base.rawValue, forKey: .base)
    try fields.encode(elastic, forKey: .elastic)
    try fields.encode(elasticMagnitude, forKey: .elasticMagnitude)
    try fields.encode(biasField, forKey: .biasField)
    try fields.encode(ghosting, forKey: .ghosting)
    try fields.encode(anisotropicBlur, forKey: .anisotropicBlur)
  }
}
