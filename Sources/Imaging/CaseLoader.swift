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
}

/// Reads the files of a case and checks them against each other.
package enum CaseLoader {
  /// Loads scans (in parallel) and label map; `allowedLabels` nil lets every label pass.
  ///
  /// Throws `FileError` or `ImagingError`: an unreadable file, NaN or infinite voxels, an all-zero scan,
  /// grids that differ, labels outside `allowedLabels`.
  package static func loadCase(
    _ files: CaseFiles, allowedLabels: Set<UInt16>? = nil, limits: ReadLimits = .standard,
    loop: ParallelLoop = .serial
  ) throws -> LoadedCase {
    let paths = files.imagePaths
    let loaded = try loop.map(paths.count) { index in
      try volumes(of: files.images.filter { $0.path == paths[index] }, limits: limits)
    }
    var contrasts: [String] = []
    var images: [Volume] = []
    for (path, channels) in zip(paths, loaded) {
      for channel in channels {
        if let first = images.first {
          try CaseCheck.sameGrid(channel.volume.geometry, path, as: first.geometry, files.images[0].path)
        }
        contrasts.append(channel.contrast)
        images.append(channel.volume)
      }
    }
    var labels: LabelVolume?
    if let path = files.label {
      let map = try readLabels(path, limits: limits)
      if let first = images.first {
        try CaseCheck.sameGrid(map.geometry, path, as: first.geometry, files.images[0].path)
      }
      if let allowedLabels { try CaseCheck.allowed(map, allowedLabels, path: path) }
      labels = map
    }
    return LoadedCase(name: files.name, contrasts: contrasts, images: images, labels: labels)
  }

  /// Reads a label map of any supported kind, chosen by the file's name.
  package static func readLabels(_ path: String, limits: ReadLimits = .standard) throws -> LabelVolume {
    try isPNG(path) ? PNG.readLabels(path, limits: limits) : NIfTI.readLabels(path, limits: limits)
  }

  private static func isPNG(_ path: String) -> Bool { path.lowercased().hasSuffix(".png") }

  /// What one file gives for the contrasts that lie in it.
  private static func volumes(
    of images: [CaseFiles.Image], limits: ReadLimits
  ) throws -> [(contrast: String, volume: Volume)] {
    let path = images[0].path
    guard images[0].volume != nil else {
      let volumes =
        try isPNG(path) ? PNG.readImage(path, limits: limits) : [NIfTI.readVolume(path, limits: limits)]
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
    names(image, channels: isPNG(image.path) ? try PNG.channelCount(image.path) : 1)
  }

  private static func names(_ image: CaseFiles.Image, channels: Int) -> [String] {
    channels == 1 ? [image.contrast] : ["r", "g", "b"].map { "\(image.contrast).\($0)" }
  }
}
