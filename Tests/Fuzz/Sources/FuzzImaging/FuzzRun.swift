import CAllocationWatch
import Foundation
import Foundations
import Imaging

/// Reads damaged scans from a folder of its own and tells what a reader must not do.
struct FuzzRun {
  let folder: String
  let seeds: [NIfTISeed]
  /// The most bytes that a file may hold inflated, and that may be asked for at once.
  let limits = ReadLimits(inflatedBytes: 4 << 20)
  /// Seconds that one case may take; beyond, SIGALRM ends the process.
  let timeLimit: UInt32
  private let loop = ParallelLoop(threads: 2)

  init(folder: String, timeLimit: UInt32) throws {
    self.folder = folder
    self.timeLimit = timeLimit
    seeds = try NIfTISeed.all(folder: folder)
    let good = Volume(
      geometry: Geometry(size: SIMD3(6, 5, 4), affine: AffineTransform(spacing: .one)),
      voxels: (0..<120).map { Float($0) })
    try NIfTI.write(good, to: folder + "/good.nii.gz", options: NIfTIWriteOptions(dataType: .uint8))
  }

  enum Verdict {
    case read
    case refused
    /// What a reader must not do; the case's files stay.
    case fault(String)
  }

  func verdict(on fuzzCase: FuzzCase, planted: PlantedFault?) throws -> Verdict {
    for (name, bytes) in fuzzCase.files {
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    let path = folder + "/" + fuzzCase.files[0].name
    alarm(timeLimit)
    segfed_watch_begin()
    let outcome = Result { () throws -> String? in
      try planted?.happen()
      return try read(path, fuzzCase.reading)
    }
    let largest = segfed_watch_end()
    alarm(0)
    let fault: String?
    let isRead: Bool
    switch outcome {
    case .success(let found): (fault, isRead) = (found, true)
    case .failure(let error):
      (fault, isRead) = (self.fault(of: error, path, mustRead: fuzzCase.isGood), false)
    }
    if largest > limits.inflatedBytes + Self.arrayHeader {
      return .fault("asked for \(largest) bytes at once, the ceiling is \(limits.inflatedBytes)")
    }
    if let fault { return .fault(fault) }
    for (name, _) in fuzzCase.files { unlink(folder + "/" + name) }
    return isRead ? .read : .refused
  }

  /// Bytes that an array adds to its elements'.
  private static let arrayHeader = 32

  private func fault(of error: any Error, _ path: String, mustRead: Bool) -> String? {
    let message = (error as? any DescribedError)?.description ?? ""
    if message.isEmpty { return "threw what is no described error: \(type(of: error))" }
    let isNamed = message.hasPrefix(folder + "/scan.")
    if !isNamed || message.count < path.count + 40 {
      return "the message does not say which file: \(message)"
    }
    return mustRead ? "refused a good file: \(message)" : nil
  }

  private func read(_ path: String, _ reading: FuzzCase.Reading) throws -> String? {
    let isPNG = path.hasSuffix(".png")
    let other = folder + "/good.nii.gz"
    switch reading {
    case .volume where isPNG, .volumes where isPNG:
      return Self.fault(of: try PNG.readImage(path, limits: limits))
    case .header where isPNG:
      let channels = try PNG.channelCount(path, limits: limits)
      return channels == 1 || channels == 3 ? nil : "\(channels) channels"
    case .volume: return Self.fault(of: [try NIfTI.readVolume(path, limits: limits)])
    case .volumes: return Self.fault(of: try NIfTI.readVolumes(path, limits: limits))
    case .labels:
      let labels = try CaseLoader.readLabels(path, limits: limits)
      return Self.fault(of: labels.geometry, count: labels.labels.count)
    case .header:
      let size = try NIfTI.header(path).size
      return size.min() >= 1 ? nil : "a header of no voxels"
    case .scanOfCase: return Self.fault(of: try load([path, path], label: nil).images)
    case .labelOfCase: return Self.fault(of: try load([other], label: path).images)
    }
  }

  private func load(_ scans: [String], label: String?) throws -> LoadedCase {
    let images = scans.map { CaseFiles.Image(contrast: "t1", path: $0) }
    return try CaseLoader.loadCase(
      CaseFiles(name: "case", images: images, label: label), allowedLabels: label == nil ? nil : [1, 2, 3],
      limits: limits, loop: loop)
  }

  private static func fault(of volumes: [Volume]) -> String? {
    if volumes.isEmpty { return "no volume and no error" }
    for volume in volumes {
      if volume.voxels.contains(where: { !$0.isFinite }) { return "a voxel is not finite" }
      if let fault = fault(of: volume.geometry, count: volume.voxels.count) { return fault }
    }
    return nil
  }

  private static func fault(of geometry: Geometry, count: Int) -> String? {
    if geometry.size.min() < 1 || geometry.count != count {
      return "\(count) voxels on a grid of \(geometry.size)"
    }
    let isFinite = geometry.affine.rows.allSatisfy { row in (0..<4).allSatisfy { row[$0].isFinite } }
    return isFinite ? nil : "the grid's place is not finite"
  }
}
