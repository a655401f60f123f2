import Foundation
import Foundations
import Imaging

/// Writes simulated sites: `<output>/<site>/<case>/<case>_{t1,t1ce,t2,flair,seg}.nii.gz` (or `.png`).
package enum Simulator {
  /// Makes every case of the request; the same request gives the same files on every machine.
  ///
  /// `dataset.yaml` is written last. Throws `SimulationError` or `FileError`; `progress` counts cases.
  @discardableResult
  package static func run(
    _ request: SimulationRequest, progress: ProgressLine? = nil
  ) throws -> SimulationSummary {
    try request.validate()
    let sites = request.sites()
    try prepare(request)
    let loop = ParallelLoop(threads: request.threads)
    var bytes = 0
    var done = 0
    for site in sites {
      let folder = request.output + "/" + site.name
      try Folder.make(folder)
      let description = SiteDescription(site, request: request, size: request.size(of: site.scanner))
      try AtomicFile.write(try description.yaml(), to: folder + "/site.yaml")
      for number in 1...site.cases {
        try Interruption.check(
          kept: "\(request.output) holds \(done) whole cases and no dataset.yaml: it is not complete. "
            + "Run the command again with --force.")
        bytes += try writeCase(site, number: number, request: request, folder: folder, loop: loop)
        done += 1
        progress?.advance(note: site.name)
      }
    }
    try AtomicFile.write(
      try DatasetDescription(sites, request: request).yaml(), to: request.output + "/dataset.yaml")
    return SimulationSummary(
      sites: sites.map { SimulationSummary.Site(name: $0.name, cases: $0.cases) }, bytes: bytes)
  }

  /// The number of cases that `run` will make: the total of its progress.
  package static func caseCount(_ request: SimulationRequest) -> Int {
    request.sites().reduce(0) { $0 + $1.cases }
  }

  /// A case's name: `aspen-001`, `aspen-test-001`.
  package static func caseName(site: String, split: SimulationRequest.Split, number: Int) -> String {
    let digits = String(number)
    let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    return split == .train ? "\(site)-\(padded)" : "\(site)-test-\(padded)"
  }

  /// One case in memory, as `run` writes it.
  package static func makeCase(
    _ site: SiteProfile, number: Int, request: SimulationRequest, loop: ParallelLoop
  ) -> SimulatedCase {
    // The split is part of a stream's name, so that test heads are other heads.
    let stream = request.split == .train ? site.name : "\(site.name)/test"
    let identity = CaseIdentity(seed: request.seed, site: stream, number: number)
    let simulator = CaseSimulator(
      identity: identity, scanner: site.scanner, mix: site.mix, loop: loop)
    var size = request.size(of: site.scanner)
    var centre = SIMD3<Double>.zero
    if request.profile.isPlanar {
      size.z = 1
      centre.z = simulator.tumourHeight
    }
    return simulator.scan(on: site.scanner.geometry(size: size, centre: centre))
  }

  /// Makes one case and writes its files under `folder`; the bytes on disk.
  @discardableResult
  package static func writeCase(
    _ site: SiteProfile, number: Int, request: SimulationRequest, folder: String, loop: ParallelLoop
  ) throws -> Int {
    let name = caseName(site: site.name, split: request.split, number: number)
    let made = makeCase(site, number: number, request: request, loop: loop)
    try Folder.make(folder + "/" + name)
    let stem = folder + "/" + name + "/" + name + "_"
    let isPlanar = request.profile.isPlanar
    let sizes = try loop.map(5) { index -> Int in
      let kind = index < 4 ? Contrast(rawValue: index)!.name : "seg"
      let path = stem + kind + (isPlanar ? ".png" : ".nii.gz")
      switch (isPlanar, index < 4) {
      case (true, true):
        try PNG.write(
          made.scans[index], to: path, depth: site.scanner.dataType == .uint8 ? .eight : .sixteen)
      case (true, false): try PNG.write(made.labels, to: path, style: .palette)
      case (false, true): try NIfTI.write(made.scans[index], to: path, options: site.scanner.writeOptions)
      case (false, false): try NIfTI.write(made.labels, to: path, options: site.scanner.labelOptions)
      }
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return size ?? 0
    }
    return sizes.reduce(0, +)
  }
}

// MARK: - The output folder
extension Simulator {
  /// Makes the output folder; with `force` the sites of an earlier run in it are removed first.
  private static func prepare(_ request: SimulationRequest) throws {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: request.output, isDirectory: &isFolder) {
      guard isFolder.boolValue else { throw SimulationError.outputIsFile(path: request.output) }
      let entries = (try? files.contentsOfDirectory(atPath: request.output).sorted()) ?? []
      let visible = entries.filter { !$0.hasPrefix(".") }
      if !visible.isEmpty && !request.force { throw SimulationError.outputNotEmpty(path: request.output) }
      try clear(visible, request: request)
    } else {
      try Folder.make(request.output)
    }
    guard files.isWritableFile(atPath: request.output) else {
      throw FileError.notWritable(path: request.output, reason: "no permission")
    }
  }

  private static func clear(_ entries: [String], request: SimulationRequest) throws {
    let files = FileManager.default
    let wanted = Set(request.sites().map(\.name))
    var old: [String] = []
    for entry in entries {
      let path = request.output + "/" + entry
      let text = (try? String(contentsOfFile: path + "/site.yaml", encoding: .utf8)) ?? ""
      if text.contains("generator: \(SiteDescription.generatorName)") {
        old.append(path)
      } else if wanted.contains(entry) {
        throw SimulationError.foreignFolder(path: path)
      }
    }
    // The sign of completeness goes first.
    for path in [request.output + "/dataset.yaml"] + old where files.fileExists(atPath: path) {
      do {
        try files.removeItem(atPath: path)
      } catch {
        throw FileError.notWritable(path: path, reason: "cannot be removed")
      }
    }
  }
}
