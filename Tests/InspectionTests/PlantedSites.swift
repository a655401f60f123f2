import Foundation
import Foundations
import Imaging
import TestSupport

/// Two sites of small scans, `<site>/<case>/<case>_{t1,t2,seg}.nii.gz`, to which a test does something.
struct PlantedSites {
  let folder: TemporaryFolder
  var data: String { folder.file("data") }
  var output: String { folder.file("inspection") }

  static let size = SIMD3(12, 10, 8)
  static let affine = Imaging.AffineTransform(spacing: SIMD3(2, 3, 4), origin: SIMD3(-10, -20, 5))

  private static let template = Result { try PlantedSites(writing: [("a", 5), ("b", 3)]) }

  /// Five cases at `a` and three at `b`, each of other content; the brain is a box in the middle, the label a box in it.
  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: Self.template.get().data, toPath: data)
  }

  private init(writing sites: [(name: String, cases: Int)]) throws {
    folder = try TemporaryFolder()
    for (site, count) in sites {
      for number in 1...count {
        let name = "\(site)\(number)"
        _ = try folder.folder("data/\(site)/\(name)")
        for contrast in ["t1", "t2"] {
          try NIfTI.write(Self.scan(name + contrast), to: path(name, contrast), options: Self.options)
        }
        try NIfTI.write(Self.labels(), to: path(name, "seg"), options: .labels)
      }
    }
  }

  static let options = NIfTIWriteOptions(dataType: .int16)

  /// `data/a/a1/a1_t1.nii.gz` for `a1` and `t1`.
  func path(_ name: String, _ contrast: String) -> String {
    "\(data)/\(name.prefix(1))/\(name)/\(name)_\(contrast).nii.gz"
  }

  static func isInside(_ voxel: SIMD3<Int>, margin: Int) -> Bool {
    (0..<3).allSatisfy { voxel[$0] >= margin && voxel[$0] < size[$0] - margin }
  }

  private static func fill<Value>(_ value: (SIMD3<Int>) -> Value) -> [Value] {
    (0..<size.x * size.y * size.z).map {
      value(SIMD3($0 % size.x, $0 / size.x % size.y, $0 / (size.x * size.y)))
    }
  }

  static func scan(_ name: String) -> Volume {
    var stream = RandomStream(seed: 3, purpose: .test, site: name)
    return Volume(
      geometry: Geometry(size: size, affine: affine),
      voxels: fill { isInside($0, margin: 1) ? Float(50 + stream.integer(below: 200)) : 0 })
  }

  static func labels() -> LabelVolume {
    LabelVolume(
      geometry: Geometry(size: size, affine: affine), labels: fill { isInside($0, margin: 3) ? 2 : 0 })
  }

  /// Changes a file's bytes, which are those of an uncompressed file from then on.
  func patch(_ name: String, _ contrast: String, _ change: (inout Data) -> Void) throws {
    let path = path(name, contrast)
    let plain = String(path.dropLast(3))
    if contrast == "seg" {
      try NIfTI.write(NIfTI.readLabels(path), to: plain, options: .labels)
    } else {
      try NIfTI.write(NIfTI.readVolume(path), to: plain, options: Self.options)
    }
    try FileManager.default.removeItem(atPath: path)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: plain))
    change(&bytes)
    try bytes.write(to: URL(fileURLWithPath: plain))
  }

  func changeScan(_ name: String, _ contrast: String, _ change: (inout Volume) -> Void) throws {
    var scan = try NIfTI.readVolume(path(name, contrast))
    change(&scan)
    try NIfTI.write(scan, to: path(name, contrast), options: NIfTIWriteOptions())
  }

  func changeLabels(_ name: String, _ change: (inout LabelVolume) -> Void) throws {
    var map = try NIfTI.readLabels(path(name, "seg"))
    change(&map)
    try NIfTI.write(map, to: path(name, "seg"), options: .labels)
  }
}
