/// How a plan has its patches varied, beyond where they are cut.
package enum AugmentationName: String, Sendable, Codable, CaseIterable {
  /// Mirroring, and a random gain and offset per contrast (`IntensityAugmentation`).
  case gainOffset = "gain-offset"
  /// nnU-Net's whole list (`NNUNetAugmentation`).
  case nnunet
}
