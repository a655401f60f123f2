import Foundations
import Imaging

/// A case as it was read: scans on one grid, what lies with them.
package struct HarmonizationInput: Sendable {
  package let contrasts: [String]
  /// One for each contrast.
  package let images: [Volume]
  package let labels: LabelVolume?
  /// The brain mask that came with the case, needed by `mask: given` only.
  package let mask: LabelVolume?

  package init(contrasts: [String], images: [Volume], labels: LabelVolume? = nil, mask: LabelVolume? = nil) {
    precondition(
      !images.isEmpty && contrasts.count == images.count, "a case has a name for each of its scans")
    let size = images[0].geometry.size
    precondition(
      images.allSatisfy { $0.geometry.size == size } && (labels.map { $0.geometry.size == size } ?? true)
        && (mask.map { $0.geometry.size == size } ?? true), "a case's files lie on one grid")
    (self.contrasts, self.images, self.labels, self.mask) = (contrasts, images, labels, mask)
  }
}

/// What was fitted to one scan; small, and enough to harmonise the scan again without fitting.
package struct ScanFit: Sendable, Equatable, Codable {
  package let contrast: String
  /// nil where no bias field was corrected.
  package let biasField: BiasField?
  package let intensity: IntensityFit

  enum CodingKeys: String, CodingKey {
    case contrast, intensity
    case biasField = "bias_field"
  }
}

/// A case ready for training: one orientation, one spacing, cropped to the brain, intensities on a common scale.
package struct HarmonizedCase: Sendable, Equatable {
  /// The harmonised grid; its size is voxels along x, y, z of the crop at the target spacing.
  package let geometry: Geometry
  package let channels: Int
  /// `(z, y, x, channel)`, channel fastest; background is 0.
  package let image: FixedArray<Float>
  /// `(z, y, x)` label values, and `outside` for background outside the brain; nil where the case has no label map.
  package let labels: FixedArray<UInt16>?
  /// The way back to the scan's own grid.
  package let restoration: Restoration
  /// One for each channel.
  package let fits: [ScanFit]

  package var size: SIMD3<Int> { geometry.size }

  /// Stands in `labels` for background outside the brain (nnU-Net's −1), where augmentation leaves the image at 0.
  package static let outside = UInt16.max

  /// `labels` without what is known of the brain: the label map in the harmonised grid.
  package var labelMap: LabelVolume? {
    labels.map { labels in
      LabelVolume(geometry: geometry, labels: labels.array.map { $0 == Self.outside ? 0 : $0 })
    }
  }

  package init(
    geometry: Geometry, channels: Int, image: FixedArray<Float>, labels: FixedArray<UInt16>?,
    restoration: Restoration, fits: [ScanFit]
  ) {
    precondition(
      image.count == geometry.count * channels && (labels.map { $0.count == geometry.count } ?? true),
      "the arrays fit the grid")
    self.geometry = geometry
    self.channels = channels
    self.image = image
    self.labels = labels
    self.restoration = restoration
    self.fits = fits
  }

  /// One channel as a scan.
  package func volume(channel: Int) -> Volume {
    image.withUnsafeBufferPointer { image in
      Volume(geometry: geometry, voxels: (0..<geometry.count).map { image[$0 * channels + channel] })
    }
  }
}
