import Foundation
import Foundations

/// A case in memory: scans on one grid, and their label map.
package struct LoadedCase: Sendable, Equatable {
  package let name: String
  /// One name for each image; a PNG in colour gives `name.r`, `name.g`, `name.b`.
  package let contrasts: [String]
  /// All on one grid: that of the first.
  package let images: [Volume]
  package let labels: LabelVolume?
  /// The brain mask, where one lies with the case and was asked for.
  package let mask: LabelVolume?
}

/// Reads the files of a case and checks them against each other.
package enum CaseLoader {
  /// Loads scans and label map, file beside file; `allowedLabels` nil lets every label pass.
  ///
  /// With `resamplesLabels` a label map of another grid is brought to its scan's; `needsMask` asks for the brain mask too.
  /// Throws `FileError` or `ImagingError`: an unreadable file, NaN or infinite voxels, an all-zero scan,
  /// grids that differ, labels outside `allowedLabels`.
  package static func loadCase(
    _ files: CaseFiles, allowedLabels: Set<UInt16>? = nil, resamplesLabels: Bool = false,
    needsMask: Bool = false,
    limits: ReadLimits = .standard, loop: ParallelLoop = .serial
  ) throws -> LoadedCase {
    let scanPaths = files.imagePaths
    let maps = [files.label, needsMask ? files.mask : nil]
    let paths = scanPaths + maps.compactMap { $0 }
    var loaded = try loop.map(paths.count) { index -> LoadedFile in
      let path = paths[index]
      if index >= scanPaths.count { return .labels(try readLabels(path, limits: limits)) }
      return .scans(try volumes(of: files.images.filter { $0.path == path }, limits: limits))
    }
    let grid = loaded[0].geometry
    for (index, path) in paths.enumerated().dropFirst() {
      do {
        try CaseCheck.sameGrid(loaded[index].geometry, path, as: grid, paths[0])
      } catch let error as ImagingError {
        guard resamplesLabels, path == files.label, case .labels(let map) = loaded[index],
          let sampled = map.sampled(on: grid)
        else { throw error }
        loaded[index] = .labels(sampled)
      }
    }
    let scans = loaded.flatMap(\.scans)
    var found = loaded.compactMap(\.labels)[...]
    let labels = files.label == nil ? nil : found.popFirst()
    if let labels, let path = files.label, let allowedLabels {
      try CaseCheck.allowed(labels, allowedLabels, path: path)
    }
    return LoadedCase(
      name: files.name, contrasts: scans.map(\.contrast), images: scans.map(\.volume), labels: labels,
      mask: found.popFirst())
  }

  private enum LoadedFile: Sendable {
    case scans([(contrast: String, volume: Volume)])
    case labels(LabelVolume)

    /// The channels of one file lie on one grid.
    var geometry: Geometry {
      switch self {
      case .scans(let channels): channels[0].volume.geometry
      case .labels(let map): map.geometry
      }
    }

    var scans: [(contrast: String, volume: Volume)] {
      if case .scans(let channels) = self { channels } else { [] }
    }

    var labels: LabelVolume? {
      if case .labels(let map) = self { map } else { nil }
    }
  }

  /// Reads a label map of any supported kind, chosen by the file's name.
  package static func readLabels(_ path: String, limits: ReadLimits = .standard) throws -> LabelVolume {
    try PNG.isNamed(path) ? PNG.readLabels(path, limits: limits) : NIfTI.readLabels(path, limits: limits)
  }

  /// What one file gives for the contrasts that lie in it.
  private static func volumes(
    of images: [CaseFiles.Image], limits: ReadLimits
  ) throws -> [(contrast: String, volume: Volume)] {
    let path = images[0].path
    guard images[0].volume != nil else {
      let volumes =
        try PNG.isNamed(path) ? PNG.readImage(path, limits: limits) : [NIfTI.readVolume(path, limits: limits)]
      try CaseCheck.notAllZero(volumes, path: path)
      return Array(zip(names(images[0], channels: volumes.count), volumes))
    }
    let volumes = try NIfTI.readVolumes(path, limits: limits)
    return try images.map { image in
      guard let index = image.volume, index < volumes.count else {
        throw ImagingError.noVolume(path: path, contrast: image.contrast, found: volumes.count)
      }
      try CaseCheck.notAllZero([volumes[index]], path: path)
      return (image.contrast, volumes[index])
    }
  }

  /// The contrasts that one file gives once loaded: its own, or three for a PNG in colour.
  package static func contrastNames(of image: CaseFiles.Image) throws -> [String] {
    names(image, channels: PNG.isNamed(image.path) ? try PNG.channelCount(image.path) : 1)
  }

  private static func names(_ image: CaseFiles.Image, channels: Int) -> [String] {
    channels == 1 ? [image.contrast] : ["r", "g", "b"].map { "\(image.contrast).\($0)" }
  }
}
