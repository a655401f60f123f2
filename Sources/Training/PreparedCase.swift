import Foundations
import Harmonization
import Imaging

/// A case read, checked and harmonised for a plan.
package struct PreparedCase: Sendable {
  package let name: String
  package let harmonized: HarmonizedCase
  /// The reference in the scan's own grid; nil where the case has none.
  package let reference: LabelVolume?
  /// Voxels of all scans and the label map, in bytes as stored uncompressed.
  package let uncompressedBytes: Int

  /// Reads a case's files and harmonises them.
  ///
  /// Throws `FileError`, `ImagingError`, or `PreparationError` naming the case's files.
  package init(_ files: CaseFiles, plan: TrainingPlan, needsLabels: Bool, loop: ParallelLoop) throws {
    let first = files.images[0].path
    if needsLabels && files.label == nil {
      throw PreparationError.noLabels(path: first, name: files.name)
    }
    let loaded = try CaseLoader.loadCase(
      files, allowedLabels: Set(plan.labelValues), loop: loop)
    let images = try plan.contrasts.map { contrast in
      guard let index = loaded.contrasts.firstIndex(of: contrast) else {
        throw PreparationError.noContrast(path: first, contrast: contrast, found: loaded.contrasts)
      }
      return loaded.images[index]
    }
    let geometry = images[0].geometry
    if plan.dimensions == 3 && geometry.size.z == 1 {
      throw PreparationError.singleSlice(path: first)
    }
    // A PNG has no orientation to correct.
    let isPicture = first.lowercased().hasSuffix(".png")
    let settings = HarmonizationSettings(
      spacing: isPicture ? nil : plan.spacing.map { SIMD3($0[0], $0[1], $0[2]) },
      reorient: !isPicture)
    do {
      harmonized = try Harmonizer.harmonize(
        images: images, labels: loaded.labels, settings: settings, loop: loop)
    } catch HarmonizationError.constantContrast(let index, let voxels) {
      throw PreparationError.constantContrast(
        path: files.path(of: plan.contrasts[index]) ?? first, voxels: voxels)
    } catch let error as HarmonizationError {
      throw PreparationError.harmonization(path: first, reason: error.description)
    }
    name = files.name
    reference = loaded.labels
    uncompressedBytes = try files.uncompressedBytes(voxels: geometry.count)
  }
}

extension CaseFiles {
  /// The file that holds a contrast, also one channel of a picture in colour.
  func path(of contrast: String) -> String? {
    images.first { $0.contrast == contrast || contrast.hasPrefix($0.contrast + ".") }?.path
  }

  /// Every file of the case once: scans, then the label map.
  package var paths: [String] { imagePaths + (label.map { [$0] } ?? []) }

  /// Bytes of all voxels at the files' own data types.
  fileprivate func uncompressedBytes(voxels: Int) throws -> Int {
    try paths.reduce(0) { total, path in
      if path.lowercased().hasSuffix(".png") {
        return total + voxels * (path == label ? 1 : try PNG.channelCount(path))
      }
      let header = try NIfTI.header(path)
      return total + voxels * header.volumes * header.dataType.byteCount
    }
  }
}

/// Cases that are readable but do not suit the plan.
package enum PreparationError: DescribedError {
  case noLabels(path: String, name: String)
  case noContrast(path: String, contrast: String, found: [String])
  case singleSlice(path: String)
  case constantContrast(path: String, voxels: Int)
  case harmonization(path: String, reason: String)

  package var description: String {
    switch self {
    case .noLabels(let path, let name):
      "\(path): the case has no label map, expected \(name)_seg beside its scans. Add it, or leave the case out."
    case .noContrast(let path, let contrast, let found):
      "\(path): the case has the contrasts \(found.joined(separator: ", ")), expected \(contrast) too. "
        + "Add the missing scan, or use a plan without that contrast."
    case .singleSlice(let path):
      "\(path): found a single slice, expected a volume for a 3D plan. Use a 2D plan."
    case .constantContrast(let path, let voxels):
      "\(path): all \(voxels) voxels inside the brain have one value, expected a scan with contrast. "
        + "Check the file, or leave the case out."
    case .harmonization(let path, let reason): "\(path): \(reason)"
    }
  }
}
