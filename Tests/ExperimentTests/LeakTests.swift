import Coordinator
import Experiment
import FederationProtocol
import Foundation
import Foundations
import Imaging
import TestSupport
import Testing
import Training

/// Two sites whose scans, headers and paths hold what must never be seen outside.
private struct CanarySites {
  static let texts = [
    "XyloCanaryCase", "XyloCanaryFolder", "XyloDescrip", "XyloDbName", "XyloAuxFile", "XyloIntent",
  ]
  /// Voxels in a row; of the brain's order of size, or harmonisation would lose them.
  static let voxels: [Float] = [611, 617, 631, 641, 653, 661, 673, 683]
  /// The header's text fields: where they begin, and how long they are.
  private static let fields = [
    ("XyloDescrip", 148, 80), ("XyloDbName", 14, 18), ("XyloAuxFile", 228, 24), ("XyloIntent", 328, 16),
  ]

  let folder: TemporaryFolder
  let names = ["birch", "hazel"]

  func data(_ site: String) -> String { folder.file("XyloCanaryFolder/" + site) }

  init(_ study: SimulatedStudy) throws {
    folder = try TemporaryFolder()
    for site in names {
      for number in 1...4 {
        let (old, new) = ("\(site)-00\(number)", "XyloCanaryCase\(number)")
        let source = "\(study.data)/\(site)/\(old)"
        let target = try folder.folder("XyloCanaryFolder/\(site)/\(new)")
        for file in try FileManager.default.contentsOfDirectory(atPath: source) {
          let path = target + "/" + file.replacing(old, with: new).replacing(".nii.gz", with: ".nii")
          try Self.plant(source + "/" + file, path)
        }
      }
    }
  }

  private static func plant(_ source: String, _ path: String) throws {
    let header = try NIfTI.header(source)
    if path.hasSuffix("_seg.nii") {
      var options = NIfTIWriteOptions.labels
      options.geometry = header
      try NIfTI.write(NIfTI.readLabels(source), to: path, options: options)
    } else {
      var scan = try NIfTI.readVolume(source)
      // A row through the middle of the brain.
      let size = scan.geometry.size
      let middle = (size.z / 2 * size.y + size.y / 2) * size.x + size.x / 2 - voxels.count / 2
      scan.voxels.replaceSubrange(middle..<middle + voxels.count, with: voxels)
      try NIfTI.write(scan, to: path, options: NIfTIWriteOptions(geometry: header))
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for (text, start, length) in fields {
      let field = Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count)
      bytes.replaceSubrange(start..<start + length, with: field)
    }
    try bytes.write(to: URL(fileURLWithPath: path))
  }
}

/// Looks for what was planted in any bytes, in any of the forms that it could have there.
private struct CanarySearch {
  private let patterns: [(name: String, bytes: Data)]
  /// Two neighbouring harmonised voxels as they lie in memory.
  private let neighbours: Set<UInt64>

  init(_ sites: CanarySites, plan: TrainingPlan) throws {
    var patterns: [(name: String, bytes: Data)] = []
    let paths = sites.names.map(sites.data)
    for text in CanarySites.texts + paths {
      for (name, encoding) in [
        ("UTF-8", String.Encoding.utf8), ("UTF-16LE", .utf16LittleEndian), ("UTF-16BE", .utf16BigEndian),
      ] {
        patterns.append(("\(text) as \(name)", try #require(text.data(using: encoding))))
      }
      let utf8 = Data(text.utf8)
      patterns.append(("\(text) as hexadecimal digits", Data(Digest.hex(Array(utf8)).utf8)))
      patterns.append(("\(text) as base64", Data(utf8.prefix(utf8.count / 3 * 3).base64EncodedString().utf8)))
    }
    // Three of the row are enough to be no chance.
    for start in 0...(CanarySites.voxels.count - 3) {
      let row = CanarySites.voxels[start..<start + 3]
      patterns.append(("voxels as Float", Self.bytes(row.map(\.bitPattern))))
      patterns.append(("voxels as Double", Self.bytes(row.map { Double($0).bitPattern })))
      patterns.append(("voxels as Int16", Self.bytes(row.map { Int16($0) })))
      patterns.append(("voxels as Int32", Self.bytes(row.map { Int32($0) })))
      patterns.append(("voxels as text", Data(row.map { "\(Int($0))" }.joined(separator: " ").utf8)))
    }
    self.patterns = patterns
    var neighbours: Set<UInt64> = []
    let reading = CaseReading(plan: plan, loop: .serial)
    for site in sites.names {
      let found = try DatasetFolder.discover(sites.data(site), requireLabels: true).sites[0]
      for files in found.cases {
        let item = try reading.prepare(files, site: site, needsLabels: true, loop: .serial)
        let values = item.harmonized.image
        // Of one voxel's contrasts, and along a row of one contrast.
        for step in [1, item.harmonized.channels] {
          for index in 0..<values.count - step {
            let (one, next) = (values[index], values[index + step])
            if one == next || one == 0 || next == 0 { continue }
            neighbours.insert(UInt64(one.bitPattern) | UInt64(next.bitPattern) << 32)
          }
        }
      }
    }
    self.neighbours = neighbours
  }

  /// What is found.
  func findings(in data: Data) -> [String] {
    var found = patterns.filter { data.range(of: $0.bytes) != nil }.map(\.name)
    let bytes = [UInt8](data)
    if bytes.count >= 8, !neighbours.isEmpty {
      var window: UInt64 = 0
      for (index, byte) in bytes.enumerated() {
        window = window >> 8 | UInt64(byte) << 56
        if index >= 7, neighbours.contains(window) {
          found.append("harmonised voxels at byte \(index - 7)")
          break
        }
      }
    }
    return found
  }

  private static func bytes(_ values: [some FixedWidthInteger]) -> Data {
    values.reduce(into: Data()) { data, value in
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
  }
}

/// All that crosses between a site and its coordinator, in both directions, is searched for what must stay.
@Suite(.serialized) struct LeakTests {
  private let study: SimulatedStudy
  private let sites: CanarySites

  init() throws {
    study = try SimulatedStudy()
    sites = try CanarySites(study)
  }

  private func plan(_ more: String = "") throws -> String {
    let text =
      try String(contentsOfFile: study.plan, encoding: .utf8) + """
        contrasts: [t1, t1ce, t2, flair]
        labels:
          - {value: 0, name: background}
          - {value: 1, name: necrotic core}
          - {value: 2, name: edema}
          - {value: 4, name: enhancing tumour}
        spacing: [7, 7, 7]
        \(more)

        """
    return try sites.folder.write(Data(text.utf8), "plan.yaml")
  }

  /// A federation through folders; what crossed lies in `messages-<site>` then, also where the run fails.
  private func run(plan: String, _ change: (inout RunRequest) throws -> Void = { _ in }) async throws {
    let drive = sites.folder.file("drive")
    var request = RunRequest(data: "", output: sites.folder.file("run"), threads: 1)
    request.exchange = drive
    request.siteNames = sites.names
    request.plan = plan
    try change(&request)
    let work = sites.names.map { name in
      var site = SiteRun.Request(
        data: sites.data(name), inbox: "\(drive)/\(name)/inbox", outbox: "\(drive)/\(name)/outbox",
        threads: 1)
      site.output = sites.folder.file("at-" + name)
      site.messages = sites.folder.file("messages-" + name)
      return Task { [site] in try await SiteRun.execute(site, console: .silent) }
    }
    do {
      try await TrainingRun.execute(request, console: .silent)
    } catch {
      for task in work { task.cancel() }
      for task in work { _ = await task.result }
      throw error
    }
    for task in work { try await task.value }
  }

  private func files(_ path: String) throws -> [(name: String, data: Data)] {
    try FileManager.default.subpathsOfDirectory(atPath: path).sorted().compactMap { name in
      let file = path + "/" + name
      return Folder.exists(file) ? nil : (name, try Data(contentsOf: URL(fileURLWithPath: file)))
    }
  }

  /// Searches what crossed: names of files, their bytes, and every message taken apart.
  private func check(_ search: CanarySearch, kinds: Set<String>) throws {
    var seen: Set<String> = []
    var all = try files(sites.folder.file("drive"))
    for site in sites.names { all += try files(sites.folder.file("messages-" + site)) }
    all += try files(sites.folder.file("run/coordinator"))
    for (name, data) in all {
      #expect(search.findings(in: data) == [], "\(name)")
      #expect(search.findings(in: Data(name.utf8)) == [], "\(name)")
      guard name.hasSuffix(".request") || name.hasSuffix(".answer") else { continue }
      // An answer has a head of 80 bytes.
      let message = name.hasSuffix(".answer") ? data.dropFirst(80) : data
      let envelope = try WireEnvelope(serializedBytes: Data(message))
      seen.insert(envelope.kind.label)
      #expect(search.findings(in: Data(envelope.textFormatString().utf8)) == [], "\(name)")
      #expect(search.findings(in: envelope.payload) == [], "\(name)")
      let parts: [Data] =
        switch envelope.kind {
        case .modelUpdate:
          [try WireModelUpdate(serializedBytes: envelope.payload)].flatMap {
            [Data($0.textFormatString().utf8), $0.delta.data, $0.controlDelta.data]
          }
        case .trainRequest:
          [try WireTrainRequest(serializedBytes: envelope.payload)].flatMap {
            [Data($0.textFormatString().utf8), $0.model.data, $0.rule.control.data]
          }
        case .evaluation:
          [Data(try WireEvaluation(serializedBytes: envelope.payload).textFormatString().utf8)]
        case .siteDescription:
          [Data(try WireSiteDescription(serializedBytes: envelope.payload).textFormatString().utf8)]
        case .refusal: [Data(try WireRefusal(serializedBytes: envelope.payload).textFormatString().utf8)]
        case .siteLandmarks:
          [Data(try WireSiteLandmarks(serializedBytes: envelope.payload).textFormatString().utf8)]
        default: []
        }
      for part in parts { #expect(search.findings(in: part) == [], "\(name)") }
    }
    #expect(seen.isSuperset(of: kinds), "\(seen)")
  }

  /// The search finds what lies at the sites.
  private func checkSearch(_ search: CanarySearch) throws {
    let scan = try Data(
      contentsOf: URL(
        fileURLWithPath: sites.data("birch") + "/XyloCanaryCase1/XyloCanaryCase1_t1.nii"))
    let found = search.findings(in: scan)
    for expected in ["XyloDescrip as UTF-8", "XyloDbName as UTF-8", "XyloAuxFile as UTF-8"] {
      #expect(found.contains(expected), "\(found)")
    }
    #expect(found.contains("XyloIntent as UTF-8") && found.contains("voxels as Float"), "\(found)")
  }

  private func trainingPlan(_ path: String) throws -> TrainingPlan {
    try PlanFile.read(path).resolvedWithoutData(file: path)
  }

  @Test func nothingOfACaseCrosses() async throws {
    let plan = try plan()
    let search = try CanarySearch(sites, plan: trainingPlan(plan))
    try checkSearch(search)
    try await run(plan: plan) { $0.strategy = try StrategyChoice("scaffold:allow-momentum=1") }
    try check(
      search,
      kinds: [
        "describe_request", "site_description", "train_request", "model_update", "evaluate_request",
        "evaluation",
      ])
    // What stays names the cases, and nobody else reads it.
    let own = try Data(
      contentsOf: URL(fileURLWithPath: sites.folder.file("at-birch/sites/birch/metrics.csv")))
    #expect(search.findings(in: own).contains("XyloCanaryCase as UTF-8"))
  }

  /// Training that diverges is told with its cases at the site alone.
  @Test func aRefusalNamesNoCase() async throws {
    let path = try plan()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    // Each step throws the weights further away.
    let optimizer = "{name: sgd, learning_rate: 10, weight_decay: 1, momentum: 0.99, gradient_clip: 0}"
    try text.replacing("schema_version: 1", with: "schema_version: 2")
      .replacing(/optimizer: \{.*\}/, with: "optimizer: " + optimizer)
      .replacing("local_steps: 2", with: "local_steps: 10000")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let search = try CanarySearch(sites, plan: trainingPlan(path))
    await #expect(throws: (any Error).self) { try await run(plan: path) }
    try check(search, kinds: ["train_request", "refusal"])
  }

  @Test func anAtlasTellsNoScan() async throws {
    let plan = try plan()
    let search = try CanarySearch(sites, plan: trainingPlan(plan))
    try await run(plan: plan) { $0.harmonisation.intensity = .atlas }
    try check(search, kinds: ["landmarks_request", "site_landmarks", "atlas_notice", "model_update"])
  }
}
