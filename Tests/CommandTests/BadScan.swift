import Foundation
import Foundations
import Imaging
import Testing

/// One way in which a data set can be unfit, done to the case `hazel-002` of a copy of the tiny sites.
struct BadScan: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The file or folder that the message names, below the data set.
  let names: String
  /// What else the message says: what was found, what was expected.
  let says: [String]
  /// Changes the data set at a path.
  let damage: @Sendable (String) throws -> Void

  init(_ name: String, names: String, says: [String], damage: @escaping @Sendable (String) throws -> Void) {
    testDescription = name
    self.names = names
    self.says = says
    self.damage = damage
  }

  private static let folder = "hazel/hazel-002/"
  private static let flair = folder + "hazel-002_flair.nii.gz"
  private static let labels = folder + "hazel-002_seg.nii.gz"

  static let all: [BadScan] = files + voxels + labelMaps + sites

  // MARK: - Files
  private static let files = [
    BadScan("empty file", names: flair, says: ["empty"]) { try write(Data(), $0 + "/" + flair) },
    BadScan("truncated gzip", names: flair, says: ["Copy"]) { data in
      let bytes = try read(data + "/" + flair)
      try write(bytes.prefix(bytes.count / 2), data + "/" + flair)
    },
    BadScan("truncated volume", names: folder + "hazel-002_flair.nii", says: ["truncated", "bytes"]) { data in
      let volume = try NIfTI.readVolume(data + "/" + flair)
      try FileManager.default.removeItem(atPath: data + "/" + flair)
      let path = data + "/" + folder + "hazel-002_flair.nii"
      try NIfTI.write(volume, to: path, options: NIfTIWriteOptions())
      try write(try read(path).dropLast(1000), path)
    },
    BadScan("text under a scan's name", names: flair, says: ["not gzip"]) {
      try write(Data("this is no scan".utf8), $0 + "/" + flair)
    },
    BadScan("not NIfTI", names: folder + "hazel-002_flair.nii", says: ["not a NIfTI"]) { data in
      try FileManager.default.removeItem(atPath: data + "/" + flair)
      try write(Data(repeating: 65, count: 4000), data + "/" + folder + "hazel-002_flair.nii")
    },
    BadScan("folder in a scan's place", names: flair, says: ["is a folder"]) { data in
      try FileManager.default.removeItem(atPath: data + "/" + flair)
      try FileManager.default.createDirectory(atPath: data + "/" + flair, withIntermediateDirectories: true)
    },
    BadScan("dangling link in a scan's place", names: flair, says: []) { data in
      try FileManager.default.removeItem(atPath: data + "/" + flair)
      try FileManager.default.createSymbolicLink(
        atPath: data + "/" + flair, withDestinationPath: "/nowhere/scan.nii.gz")
    },
    BadScan(
      "missing contrast", names: "hazel/hazel-002", says: ["no flair", "found t1, t1ce, t2", "expected"]
    ) {
      try FileManager.default.removeItem(atPath: $0 + "/" + flair)
    },
    BadScan("missing label map", names: "hazel/hazel-002", says: ["hazel-002_seg.nii.gz"]) {
      try FileManager.default.removeItem(atPath: $0 + "/" + labels)
    },
    BadScan("two files for a contrast", names: "hazel/hazel-002", says: ["several files", "flair"]) {
      try FileManager.default.copyItem(
        atPath: $0 + "/" + flair, toPath: $0 + "/" + folder + "hazel-002_flair.nii")
    },
    BadScan("case folder without scans", names: "hazel/empty", says: ["no scan found"]) {
      try FileManager.default.createDirectory(atPath: $0 + "/hazel/empty", withIntermediateDirectories: true)
    },
  ]

  // MARK: - Voxels
  private static let voxels = [
    BadScan("all-zero scan", names: flair, says: ["every voxel is 0"]) {
      try change($0) { voxels in for index in voxels.indices { voxels[index] = 0 } }
    },
    BadScan("constant brain", names: flair, says: ["one value"]) {
      try change($0) { voxels in for index in voxels.indices where voxels[index] != 0 { voxels[index] = 7 } }
    },
    BadScan("NaN voxel", names: flair, says: ["1 voxels are NaN or infinite", "(3, 0, 0)"]) {
      try change($0) { $0[3] = .nan }
    },
    BadScan("infinite voxels", names: flair, says: ["2 voxels are NaN or infinite", "(1, 0, 0)"]) {
      try change($0) { voxels in
        voxels[1] = .infinity
        voxels[9] = -.infinity
      }
    },
    BadScan("contrast on another grid", names: flair, says: ["voxels, expected", "_t1.nii.gz"]) { data in
      var volume = try NIfTI.readVolume(data + "/" + flair)
      volume.geometry.size.z -= 1
      volume = Volume(geometry: volume.geometry, voxels: Array(volume.voxels.prefix(volume.geometry.count)))
      try NIfTI.write(volume, to: data + "/" + flair, options: NIfTIWriteOptions())
    },
  ]

  // MARK: - Label maps
  private static let labelMaps = [
    BadScan("label map of another size", names: labels, says: ["voxels, expected", "_t1.nii.gz"]) { data in
      var map = try NIfTI.readLabels(data + "/" + labels)
      map.geometry.size.z -= 1
      map = LabelVolume(geometry: map.geometry, labels: Array(map.labels.prefix(map.geometry.count)))
      try NIfTI.write(map, to: data + "/" + labels, options: .labels)
    },
    BadScan("label map at another place", names: labels, says: ["mm away", "_t1.nii.gz"]) { data in
      var map = try NIfTI.readLabels(data + "/" + labels)
      map.geometry.affine.rows[0].w += 3
      try NIfTI.write(map, to: data + "/" + labels, options: .labels)
    },
    BadScan("label that is no whole number", names: labels, says: ["label 1.5", "whole number"]) { data in
      let map = try NIfTI.readLabels(data + "/" + labels)
      var voxels = map.labels.map(Float.init)
      voxels[0] = 1.5
      try NIfTI.write(
        Volume(geometry: map.geometry, voxels: voxels), to: data + "/" + labels, options: NIfTIWriteOptions())
    },
    BadScan(
      "label that the plan does not name", names: labels, says: ["9 (1 voxels)", "expected only 0, 1, 2, 4"]
    ) {
      data in
      var map = try NIfTI.readLabels(data + "/" + labels)
      map.labels[5] = 9
      try NIfTI.write(map, to: data + "/" + labels, options: .labels)
    },
  ]

  // MARK: - Sites
  private static let sites = [
    BadScan(
      "one case where cases are held out", names: "hazel",
      says: ["found 1 case", "expected at least 3", "split"]
    ) {
      for name in ["hazel-001", "hazel-003"] {
        try FileManager.default.removeItem(atPath: $0 + "/hazel/" + name)
      }
    },
    BadScan("site without cases", names: "empty", says: ["no cases found"]) {
      try FileManager.default.createDirectory(atPath: $0 + "/empty", withIntermediateDirectories: true)
    },
  ]

  // MARK: - Changes
  /// Rewrites the FLAIR scan as floats after `change`.
  private static func change(_ data: String, _ change: (inout [Float]) -> Void) throws {
    var volume = try NIfTI.readVolume(data + "/" + flair)
    change(&volume.voxels)
    try NIfTI.write(volume, to: data + "/" + flair, options: NIfTIWriteOptions())
  }

  private static func read(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  private static func write(_ bytes: Data, _ path: String) throws {
    try bytes.write(to: URL(fileURLWithPath: path))
  }
}
