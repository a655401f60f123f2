/// How a plan has its patches varied, beyond where they are cut.
package enum AugmentationName: String, Sendable, Codable, CaseIterable {
  /// Mirroring, and a random gain and offset per contrast (`IntensityAugmentation`).
  case gainOffset = "gain-offset"
  /// nnU-Net's whole list (`NNUNetAugmentation`).
  case nnunet
}

extension KeyedDecodingContainer {
  /// Plans and models from before there was a choice leave it out.
  ///
  /// `Decodable`'s synthesised initialisers take this over the general `decode`.
  package func decode(_ type: AugmentationName.Type, forKey key: Key) throws -> AugmentationName {
    try decodeIfPresent(type, forKey: key) ?? .gainOffset
  }
}
