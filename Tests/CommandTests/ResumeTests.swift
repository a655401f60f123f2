import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

private let isLong = ProcessInfo.processInfo.environment["SEGFED_LONG_TESTS"] != nil

/// `--resume`: whatever ended a run, it goes on to the same bits, or says why not.
@Suite struct ResumeTests {
  // MARK: - Killed
  /// `kill -9` at random instants, seeded: 200 in the long test, 5 else.
  @Test(
    arguments: [
      ["--optimizer-state", "keep"], ["--strategy", "scaffold:allow-momentum=1"], ["--strategy", "ditto"],
      ["--strategy", "fedyogi", "--participation", "fraction:0.5"],
      ["--strategy", "median", "--sites-at-once", "2", "--screen"],
    ].enumerated().map { ($0, $1) })
  func anyInstantMayBeTheLast(number: Int, arguments: [String]) throws {
    let study = try ResumableStudy(["train"] + arguments)
    let duration = try ContinuousClock().measure { _ = try study.start("timed").wait() }
    var stream = RandomStream(seed: 20 + UInt64(number), purpose: .test)
    for number in 1...(isLong ? 40 : 1) {
      let share = stream.uniform()
      let process = try study.start("run")
      usleep(UInt32(share * (duration / .microseconds(1))))
      process.kill()
      let outcome = try process.wait()
      #expect(outcome.code == -9 || outcome.code == 0, "\(outcome.errors)")
      try study.checkResume("run", "kill \(number) at \(share) of a run")
    }
  }

  /// A run that was begun nowhere is begun.
  @Test func withoutARunItBegins() throws {
    let study = try ResumableStudy(["train"])
    try study.checkResume("new", "nothing there")
    _ = try study.folder.folder("empty")
    try study.checkResume("empty", "an empty folder")
    _ = try study.folder.folder("mine")
    _ = try study.folder.write(Data("x".utf8), "mine/notes.txt")
    Refusal.check(try study.resume("mine"), names: study.folder.file("mine"), says: ["not a run folder"])
  }

  @Test func aWholeRunIsLeftAsItIs() throws {
    let study = try ResumableStudy(["train"])
    let outcome = try study.resume("whole")
    #expect(outcome.code == 0 && outcome.output.contains("nothing to resume"), "\(outcome)")
    #expect(try RunContents(study.folder.file("whole")) == study.whole)
    // A script that asks for JSON gets the run's document again.
    let json = try study.start("whole", ["--resume", "--json"]).wait()
    #expect(try json.json()["mode"] as? String == "federated")
    // Other settings are another run.
    for (option, value) in [
      ("--rounds", "9"), ("--seed", "7"), ("--strategy", "fedprox"), ("--plan", "bench"),
    ] {
      let other = try study.start("whole", ["--resume", option, value]).wait()
      Refusal.check(other, names: "config.yaml", says: [String(option.dropFirst(2)), "expected the same"])
    }
    #expect(try RunContents(study.folder.file("whole")) == study.whole)
  }

  @Test(arguments: [["train"], ["train", "--mode", "local"], ["loso"]])
  func aStoppedRunSaysHowToGoOn(command: [String]) throws {
    let study = try ResumableStudy(command + ["--rounds", "40"])
    let process = try study.start("run")
    let journals = ["coordinator", "sites/birch", "folds/birch/coordinator"].map {
      study.folder.file("run/\($0)/model.safetensors")
    }
    while process.isRunning, !journals.contains(where: Refusal.exists) { usleep(1000) }
    process.interrupt()
    let outcome = try process.wait()
    // A quick machine may have come to the end.
    if outcome.code != 0 {
      #expect(outcome.code == 130 && outcome.errors.contains("--resume"), "\(outcome.errors)")
    }
    try study.checkResume("run", "Ctrl-C")
  }

  /// Two processes do not write one run.
  @Test func aRunThatIsUnderWayIsNotResumed() throws {
    let study = try ResumableStudy(["train"])
    let process = try study.start("run", ["--rounds", "2000"])
    while process.isRunning, !Refusal.exists(study.folder.file("run/coordinator/rounds.jsonl")) {
      usleep(1000)
    }
    let outcome = try study.start("run", ["--rounds", "2000", "--resume"]).wait()
    process.kill()
    _ = try process.wait()
    Refusal.check(outcome, names: study.folder.file("run"), says: ["another segfed"])
  }

  // MARK: - Damage
  /// A run that was killed in its last round, with momentum kept at the sites.
  private func killed() throws -> (study: ResumableStudy, checkpoints: [String]) {
    let study = try ResumableStudy(["train", "--optimizer-state", "keep", "--rounds", "4"])
    let last = try #require(study.points.lastIndex { $0.contains("append") && $0.contains("rounds.jsonl") })
    let before = try #require(study.points[..<last].lastIndex { $0.contains("append") })
    let outcome = try study.start("killed", failing: "any:\(before + 1):kill").wait()
    #expect(outcome.code == -9)
    let run = study.folder.file("killed")
    let files = try FileManager.default.subpathsOfDirectory(atPath: run).filter {
      $0.contains("checkpoints/") && $0.hasSuffix(".safetensors")
    }
    return (study, files.sorted())
  }

  /// Any one checkpoint, of the coordinator or a site, may be torn, flipped, empty or gone.
  @Test func oneDamagedCheckpointIsPassedOver() throws {
    let (study, checkpoints) = try killed()
    #expect(checkpoints.filter { $0.hasPrefix("coordinator") }.count == 2)
    #expect(checkpoints.filter { $0.hasPrefix("sites/birch") }.count == 4)
    var stream = RandomStream(seed: 21, purpose: .test)
    for (index, name) in checkpoints.enumerated() {
      try FileManager.default.copyItem(
        atPath: study.folder.file("killed"), toPath: study.folder.file("run"))
      let path = study.folder.file("run/" + name)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      switch index % 3 {
      case 0: bytes = bytes.prefix(stream.integer(below: bytes.count))
      case 1: bytes[stream.integer(below: bytes.count)] ^= 16
      default: bytes = Data()
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      try study.checkResume("run", "damaged \(name)")
    }
  }

  @Test func withoutAValidCheckpointItSaysWhy() throws {
    let (study, checkpoints) = try killed()
    for name in checkpoints where name.hasPrefix("coordinator") {
      let path = study.folder.file("killed/" + name)
      try Data(contentsOf: URL(fileURLWithPath: path)).prefix(100).write(to: URL(fileURLWithPath: path))
    }
    let outcome = try study.resume("killed")
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    // A line for each that was passed over, and one that says what follows.
    #expect(outcome.errorLines.count == 3 && outcome.errorLines.allSatisfy { $0.hasPrefix("segfed: ") })
    #expect(outcome.errorLines.last?.contains("none of which is valid") == true)
  }

  @Test func aNewerCheckpointIsRefused() throws {
    let (study, checkpoints) = try killed()
    let newest = try #require(checkpoints.last { $0.hasPrefix("coordinator") })
    let path = study.folder.file("killed/" + newest)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(bytes.range(of: Data(#""schema_version":"1""#.utf8)))
    bytes[place.upperBound - 2] = UInt8(ascii: "2")
    try bytes.write(to: URL(fileURLWithPath: path))
    Refusal.check(try study.resume("killed"), names: newest, says: ["schema_version is 2, expected 1"])
  }

  // MARK: - Otherwise than it was begun
  @Test func otherSettingsAreRefused() throws {
    let (study, _) = try killed()
    let other = try study.folder.write(
      Data(ResumableStudy.plan.replacing("0.003", with: "0.004").utf8), "other.yaml")
    for (flags, field) in [
      (["--seed", "7"], "seed is 1 there and 7 now"),
      (["--numerics", "portable"], "numerics, mode is native there and portable now"),
      (["--mode", "local"], "mode is federated there and local now"),
      (["--plan", other], "plan, optimizer, learning_rate is 0.003 there and 0.004 now"),
      (["--optimizer-state", "reset"], "keep_optimizer_state"), (["--intensity", "none"], "intensity"),
    ] {
      let outcome = try study.start("killed", ["--resume"] + flags).wait()
      Refusal.check(outcome, names: study.folder.file("killed/config.yaml"), says: [field])
    }
    Refusal.checkUsage(try study.start("killed", ["--resume", "--force"]).wait(), says: ["--force"])
    try study.checkResume("killed", "after refusals")
  }

  /// The same data elsewhere is the same data; a voxel, a label or a case that differs is not.
  @Test func otherDataIsRefused() throws {
    let (study, _) = try killed()
    let copy = try study.sites.copy(to: study.folder)
    let files = FileManager.default
    func refused(_ says: [String]) throws {
      let outcome = try study.start("killed", ["--resume", "--data", copy]).wait()
      Refusal.check(outcome, names: study.folder.file("killed/sites/birch/cases.csv"), says: says)
      try files.removeItem(atPath: copy)
      try files.copyItem(atPath: study.sites.data, toPath: copy)
    }
    let labels = copy + "/birch/birch-002/birch-002_seg.nii.gz"
    var map = try NIfTI.readLabels(labels)
    let place = try #require(map.labels.firstIndex { $0 == 2 })
    map.labels[place] = 1
    try NIfTI.write(map, to: labels, options: .labels)
    try refused(["the labels' digest of case birch-002"])
    try TinySites.mark(copy + "/birch/birch-003/birch-003_t1.nii.gz", with: 9)
    try refused(["the scan's digest of case birch-003"])
    try files.moveItem(atPath: copy + "/birch/birch-001", toPath: copy + "/birch/birch-009")
    for file in try files.contentsOfDirectory(atPath: copy + "/birch/birch-009") {
      let path = copy + "/birch/birch-009/"
      try files.moveItem(
        atPath: path + file, toPath: path + file.replacing("birch-001", with: "birch-009"))
    }
    try refused(["case birch-001"])
    let outcome = try study.start("killed", ["--resume", "--data", copy]).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
  }
}
