/// How a plan has its patches varied, beyond where they are cut: a list with a name, and what is added to nnU-Net's.
///
/// In YAML a name (`gain-offset`, `nnunet`, `nnunet-mr`, `none`), or a mapping of `base` and probabilities.
package struct AugmentationChoice: Sendable, Equatable {
  package enum Base: String, Sendable, CaseIterable {
    /// Mirroring, and a random gain and offset per contrast (`IntensityAugmentation`).
    case gainOffset = "gain-offset"
    /// nnU-Net's whole list (`NNUNetAugmentation`).
    case nnunet
    /// Mirroring alone.
    case off = "none"
  }

  package var base: Base
  /// The share of patches that are deformed elastically.
  package var elastic = 0.0
  /// The largest displacement in voxels along each axis.
  package var elasticMagnitude = Self.magnitude
  /// Shares of patches in which contrasts get an artefact of MR scanners, each contrast with probability ½.
  package var biasField = 0.0
  package var ghosting = 0.0
  package var anisotropicBlur = 0.0

  /// `elasticMagnitude` where a plan says none.
  package static let magnitude = 4.0

  package init(base: Base) {
    self.base = base
  }

  package static let gainOffset = AugmentationChoice(base: .gainOffset)
  package static let nnunet = AugmentationChoice(base: .nnunet)
  /// nnU-Net's list, and artefacts that differ between MR scanners.
  package static let nnunetMR: AugmentationChoice = {
    var choice = nnunet
    (choice.biasField, choice.ghosting, choice.anisotropicBlur) = (0.15, 0.1, 0.1)
    return choice
  }()

  /// By the names that plans call them, in the order of messages.
  package static let named: [(name: String, choice: AugmentationChoice)] = [
    ("gain-offset", gainOffset), ("nnunet", nnunet), ("nnunet-mr", nnunetMR),
    ("none", AugmentationChoice(base: .off)),
  ]

  /// Names for messages and tables: a preset's own, else that of the base with what is added.
  package var name: String {
    if let preset = Self.named.first(where: { $0.choice == self }) { return preset.name }
    let added = [
      ("elastic", elastic), ("bias field", biasField), ("ghosting", ghosting),
      ("anisotropic blur", anisotropicBlur),
    ].filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
    return ([base.rawValue] + added).joined(separator: ", ")
  }

  /// Calls `check` with each field of a plan that could be wrong, and rethrows.
  func validate(
    _ check: (_ holds: Bool, _ field: String, _ found: String, _ expected: String) throws -> Void
  ) throws {
    let added: [(CodingKeys, Double)] = [
      (.elastic, elastic), (.biasField, biasField), (.ghosting, ghosting),
      (.anisotropicBlur, anisotropicBlur),
    ]
    for (key, probability) in added {
      let field = "augmentation, \(key.rawValue)"
      try check((0...1).contains(probability), field, "\(probability)", "a probability from 0 to 1")
      try check(
        base == .nnunet || probability == 0, field, "\(probability) beside base \(base.rawValue)",
        "base: \(Base.nnunet.rawValue)")
    }
    try check(
      elasticMagnitude > 0 && elasticMagnitude <= 32,
      "augmentation, \(CodingKeys.elasticMagnitude.rawValue)", "\(elasticMagnitude)",
      "voxels, above 0 and up to 32")
  }
}
