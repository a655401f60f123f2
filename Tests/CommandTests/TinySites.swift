import Foundation
import Foundations
import Imaging
import Simulation
import TestSupport

/// Simulated sites so small that a run takes a fraction of a second, and a plan for them.
struct TinySites {
  /// All six of the demo's sites with one case each: orientations and headers of every kind; read only.
  static let oneCaseEach = Result { try TinySites(simulating: .demo) }
  /// Two sites of three cases each (one head thrice, which costs little; one voxel differs); read only.
  static let shared = Result { try TinySites(tripling: oneCaseEach.get(), sites: ["birch", "hazel"]) }
  /// The same of PNG slices; read only.
  static let slices = Result {
    try TinySites(tripling: TinySites(simulating: .slices2d), sites: ["birch", "hazel"])
  }

  private let folder: TemporaryFolder
  let plan: String
  var data: String { folder.file("data") }

  private init(simulating profile: Profile) throws {
    folder = try TemporaryFolder()
    let size = SIMD3(24, 28, profile.isPlanar ? 8 : 24)
    try Simulator.run(
      SimulationRequest(
        profile: profile, seed: 5, output: folder.file("data"), casesPerSite: 1,
        grid: .custom(size: size, spacing: SIMD3(repeating: 7)), threads: 2))
    let patch = [16, 16, profile.isPlanar ? 1 : 16]
    plan = try folder.write(Data(Self.planText(patch: patch).utf8), "plan.yaml")
  }

  private init(tripling source: TinySites, sites: [String]) throws {
    folder = try TemporaryFolder()
    for site in sites {
      let original = "\(source.data)/\(site)/\(site)-001"
      for name in (1...3).map({ "\(site)-00\($0)" }) {
        let target = try folder.folder("data/\(site)/\(name)")
        try Self.copy(case: original, to: target)
        for file in try FileManager.default.contentsOfDirectory(atPath: target) where !file.contains("_seg") {
          try Self.mark(target + "/" + file, with: Float(name.last?.wholeNumberValue ?? 0))
        }
      }
    }
    plan = try folder.write(Data(contentsOf: URL(fileURLWithPath: source.plan)), "plan.yaml")
  }

  /// Gives the brightest voxel another value: the same scan twice is refused in training.
  static func mark(_ path: String, with number: Float) throws {
    func marked(_ volume: Volume) throws -> Volume {
      guard let brightest = volume.voxels.max(), let place = volume.voxels.firstIndex(of: brightest) else {
        return volume
      }
      var volume = volume
      volume.voxels[place] = brightest - number * max(1, (brightest / 500).rounded())
      return volume
    }
    if path.hasSuffix(".png") {
      let slice = try PNG.readImage(path)[0]
      try PNG.write(marked(slice), to: path, depth: (slice.voxels.max() ?? 0) > 255 ? .sixteen : .eight)
    } else {
      let header = try NIfTI.header(path)
      let options = NIfTIWriteOptions(
        dataType: header.dataType, slope: header.scaling?.slope ?? 1,
        intercept: header.scaling?.intercept ?? 0,
        geometry: header)
      try NIfTI.write(marked(NIfTI.readVolume(path)), to: path, options: options)
    }
  }

  /// Copies a case's files into an empty folder, under that folder's name.
  static func copy(case original: String, to target: String) throws {
    let names = [original, target].map { URL(fileURLWithPath: $0).lastPathComponent }
    for file in try FileManager.default.contentsOfDirectory(atPath: original) {
      let renamed = file.replacingOccurrences(of: names[0], with: names[1])
      try FileManager.default.copyItem(atPath: original + "/" + file, toPath: target + "/" + renamed)
    }
  }

  /// Makes other scans of a copy's, so that they count as fresh.
  static func freshen(_ data: String) throws {
    for file in FileManager.default.subpaths(atPath: data) ?? [] where file.contains("_t1.") {
      try mark(data + "/" + file, with: 9)
    }
  }

  /// A plan of two stages and one round of one step.
  static func planText(
    patch: [Int] = [16, 16, 16], widths: [Int] = [4, 8], rounds: Int = 1, more: String = ""
  ) -> String {
    """
    schema_version: 1
    name: tiny
    dimensions: \(patch[2] == 1 ? 2 : 3)
    patch: [\(patch.map(String.init).joined(separator: ", "))]
    batch: 1
    network:
      widths: [\(widths.map(String.init).joined(separator: ", "))]
      convolutions_per_stage: 1
    optimizer: {name: adam, learning_rate: 0.003, weight_decay: 0, momentum: 0.9}
    foreground_oversampling: 0.5
    mirror: [x]
    rounds: \(rounds)
    local_steps: 1
    split: {validation: 0.2, test: 0.2}
    \(more)

    """
  }

  /// A copy of the sites in `target`, to be damaged.
  func copy(to target: TemporaryFolder) throws -> String {
    let path = target.file("data")
    try FileManager.default.copyItem(atPath: data, toPath: path)
    return path
  }

  /// What every short run is given.
  func train(output: String, _ more: String...) throws -> SegfedProcess.Outcome {
    try SegfedProcess.run(
      ["train", "--data", data, "--output", output, "--plan", plan, "--threads", "2"] + more)
  }
}
