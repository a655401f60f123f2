import Foundations
import Harmonization
import Imaging

/// A case read, checked and harmonised for a plan.
package struct PreparedCase: Sendable, Equatable {
  package let name: String
  package let harmonized: HarmonizedCase
  /// The reference in the scan's own grid; nil where the case has none.
  package let reference: LabelVolume?
  /// Voxels of all scans and the label map, in bytes as stored uncompressed.
  package let uncompressedBytes: Int
  /// Tells the case's first scan from others, whatever its file's header and compression.
  package let contentHash: UInt64

  package init(
    name: String, harmonized: HarmonizedCase, reference: LabelVolume?, uncompressedBytes: Int,
    contentHash: UInt64
  ) {
    self.name = name
    self.harmonized = harmonized
    self.reference = reference
    self.uncompressedBytes = uncompressedBytes
    self.contentHash = contentHash
  }

  /// The same case with other voxels to predict.
  package func with(_ harmonized: HarmonizedCase) -> PreparedCase {
    PreparedCase(
      name: name, harmonized: harmonized, reference: reference, uncompressedBytes: uncompressedBytes,
      contentHash: contentHash)
  }

  /// Reads a case's files and harmonises them.
  ///
  /// `fits` are those of an earlier run: nothing is fitted then. Throws `FileError`, `ImagingError`, or
  /// `PreparationError` naming the case's files.
  package init(
    _ files: CaseFiles, plan: TrainingPlan, policy: CasePolicy = .strict, needsLabels: Bool,
    fits: [ScanFit]? = nil, loop: ParallelLoop
  ) throws {
    let read = try ReadCase(files, plan: plan, policy: policy, needsLabels: needsLabels, loop: loop)
    name = files.name
    harmonized = try read.naming {
      try Harmonizer.harmonize(
        read.input, to: read.grid, settings: plan.harmonisation, fits: fits, loop: loop)
    }
    reference = read.input.labels
    uncompressedBytes = try files.uncompressedBytes(voxels: read.input.images[0].geometry.count)
    contentHash = read.input.images[0].contentHash
  }

  /// Bytes that the case takes in memory; a mapped one takes what is read of it.
  package var bytes: Int {
    harmonized.image.count * 4 + (harmonized.labels?.count ?? 0) * 2 + (reference?.labels.count ?? 0) * 2
  }
}

/// A case's files in memory, checked against the plan, before anything is changed.
package struct ReadCase: Sendable {
  private let files: CaseFiles
  package let input: HarmonizationInput
  package let grid: TargetGrid

  /// Throws `FileError`, `ImagingError` or `PreparationError`.
  package init(
    _ files: CaseFiles, plan: TrainingPlan, policy: CasePolicy = .strict, needsLabels: Bool,
    loop: ParallelLoop
  ) throws {
    let first = files.images[0].path
    if needsLabels && files.label == nil {
      throw PreparationError.noLabels(path: first, name: files.name)
    }
    let loaded = try CaseLoader.loadCase(
      files, allowedLabels: Set(plan.labelValues), resamplesLabels: policy.resamplesLabels,
      needsMask: plan.harmonisation.mask == .given, loop: loop)
    let images = try plan.contrasts.map { contrast in
      guard let index = loaded.contrasts.firstIndex(of: contrast) else {
        throw PreparationError.noContrast(path: first, contrast: contrast, found: loaded.contrasts)
      }
      return loaded.images[index]
    }
    if plan.dimensions == 3 && images[0].geometry.size.z == 1 {
      throw PreparationError.singleSlice(path: first)
    }
    // A PNG has no orientation to correct.
    let isPicture = PNG.isNamed(first)
    self.files = files
    grid = TargetGrid(
      spacing: isPicture ? nil : plan.spacing.map { SIMD3($0[0], $0[1], $0[2]) }, reorient: !isPicture)
    input = HarmonizationInput(
      contrasts: plan.contrasts, images: images, labels: loaded.labels, mask: loaded.mask)
    if let label = files.label, !isPicture && !policy.allowsLabelsOutsideBrain {
      try Self.checkLabels(input, path: label)
    }
  }

  /// Throws `PreparationError.labelsOutsideBrain` where 1 % or more of the labelled voxels have no signal in any contrast.
  private static func checkLabels(_ input: HarmonizationInput, path: String) throws {
    guard let labels = input.labels?.labels else { return }
    var (labelled, outside) = (0, 0)
    labels.withUnsafeBufferPointer { labels in
      for index in 0..<labels.count where labels[index] != 0 {
        labelled += 1
        if input.images.allSatisfy({ $0.voxels[index] == 0 }) { outside += 1 }
      }
    }
    if labelled > 0 && outside * 100 >= labelled {
      throw PreparationError.labelsOutsideBrain(path: path, outside: outside, labelled: labelled)
    }
  }

  /// Runs `body`, and names the case's file in what it throws.
  package func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as HarmonizationError {
      let path = error.contrast.flatMap { files.path(of: $0) } ?? files.images[0].path
      throw PreparationError.harmonization(path: path, reason: error.description)
    }
  }
}

extension CaseFiles {
  /// The file that holds a contrast, also one channel of a picture in colour.
  func path(of contrast: String) -> String? {
    images.first { $0.contrast == contrast || contrast.hasPrefix($0.contrast + ".") }?.path
  }

  /// Bytes of all voxels of scans and label map at the files' own data types.
  fileprivate func uncompressedBytes(voxels: Int) throws -> Int {
    try (imagePaths + [label].compactMap { $0 }).reduce(0) { total, path in
      if PNG.isNamed(path) {
        return total + voxels * (path == label ? 1 : try PNG.channelCount(path))
      }
      let header = try NIfTI.header(path)
      return total + voxels * header.volumes * header.dataType.byteCount
    }
  }
}
