import Foundation
import TestSupport
import Testing

/// `segfed site` and `segfed train --transport folder:DIR`: the same bits as in one process.
@Suite struct SiteTests {
  private func check(_ study: SiteProcesses, _ processes: [SegfedProcess]) throws {
    for process in processes {
      let outcome = try process.wait(seconds: 120)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let whole = try study.inOneProcess("whole")
    try #require(whole.code == 0, "\(whole.errors)")
    let expected = try study.digests("whole")
    #expect(expected.count == 3)
    #expect(try study.digests("apart") == expected)
  }

  @Test(arguments: [
    [], ["--strategy", "scaffold:allow-momentum=1"],
    ["--optimizer-state", "keep", "--hold-out-site", "hazel"],
    ["--intensity", "atlas"], ["--codec", "delta+topk:fraction=0.1+int4+entropy"],
  ])
  func processesGiveTheBitsOfOne(more: [String]) throws {
    let study = try SiteProcesses(more)
    let processes = [
      try study.coordinator("apart"), try study.site("birch"), try study.site("hazel"),
    ]
    try check(study, processes)
    // Each half of the run folder is where it belongs.
    #expect(!Refusal.exists(study.folder.file("apart/sites")))
    for name in ["model.safetensors", "metrics.csv", "cases.csv"] {
      #expect(Refusal.exists(study.folder.file("at-birch/sites/birch/" + name)))
    }
    #expect(!Refusal.exists(study.folder.file("at-birch/sites/birch/checkpoints")))
    for site in ["birch", "hazel"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: study.outbox(site)).isEmpty)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: study.inbox("birch")).sorted()
        == ["run.json", "stop"])
    // The coordinator never had the data that the run would be repeated with.
    Refusal.check(
      try SegfedProcess(["verify", study.folder.file("apart"), "--quiet"]).wait(),
      names: study.folder.file("apart"), says: ["--data"])
    let verified = try SegfedProcess([
      "verify", study.folder.file("apart"), "--data", study.sites.data, "--quiet",
    ]).wait(seconds: 120)
    #expect(verified.code == 0, "\(verified.errors)")
  }

  /// `kill -9` in the middle of a round, then the same command again.
  @Test func aKilledSiteGoesOn() throws {
    let study = try SiteProcesses(["--optimizer-state", "keep", "--local-steps", "40"])
    let coordinator = try study.coordinator("apart")
    let hazel = try study.site("hazel")
    let birch = try study.site("birch")
    #expect(study.waits(for: "000002-train_request", at: "birch", while: birch))
    birch.kill()
    #expect(try birch.wait().code == -9)
    try check(study, [coordinator, hazel, try study.site("birch")])
  }

  /// Ctrl-C at a site leaves its request open; the coordinator waits.
  @Test func aStoppedSiteGoesOn() throws {
    let study = try SiteProcesses(["--local-steps", "40"])
    let coordinator = try study.coordinator("apart")
    let hazel = try study.site("hazel")
    let birch = try study.site("birch")
    #expect(study.waits(for: "000002-train_request", at: "birch", while: birch))
    birch.interrupt()
    let outcome = try birch.wait()
    #expect(outcome.code == 130 && outcome.errors.contains("the same command"), "\(outcome.errors)")
    try check(study, [coordinator, hazel, try study.site("birch")])
  }

  /// `kill -9` of the coordinator while sites work; they do not notice.
  @Test func aKilledCoordinatorGoesOn() throws {
    let study = try SiteProcesses(["--local-steps", "40"])
    let first = try study.coordinator("apart")
    let sites = [try study.site("birch"), try study.site("hazel")]
    #expect(study.waits(for: "000002-train_request", at: "birch", while: sites[0]))
    first.kill()
    #expect(try first.wait().code == -9)
    try check(study, [try study.coordinator("apart", ["--resume"])] + sites)
  }

  @Test func aPlanThatNeedsDataIsRefused() throws {
    let study = try SiteProcesses(plan: TinySites.planText())
    Refusal.check(
      try study.coordinator("apart").wait(), names: study.folder.file("plan.yaml"),
      says: ["found no contrasts, no labels, no spacing", "segfed plan"])
    #expect(!Refusal.exists(study.folder.file("apart")))
  }

  @Test func whatIsTheSitesIsKeptFromTheDrive() throws {
    let study = try SiteProcesses()
    let data = try TinySites.shared.get().data
    let output = study.outbox("birch") + "/mine"
    Refusal.check(
      try SegfedProcess.run(
        "site", "--data", data + "/birch", "--inbox", study.inbox("birch"), "--outbox",
        study.outbox("birch"), "--output", output), names: output, says: ["--output"])
  }

  @Test func settingsThatAreNotTheCoordinatorsAreRefused() throws {
    let data = try TinySites.shared.get().data
    for (more, says) in [
      (["--data", data, "--plan", "tiny"], "--data"), (["--mode", "local", "--plan", "tiny"], "--mode"),
      ([], "--plan"), (["--plan", "tiny", "--site-names", "a,a"], "--site-names"),
    ] {
      Refusal.checkUsage(
        try SegfedProcess.run(["train", "--transport", "folder:drive", "--output", "run"] + more),
        says: [says])
    }
    Refusal.checkUsage(
      try SegfedProcess.run("train", "--transport", "carrier-pigeon", "--output", "run"),
      says: ["folder:DIR"])
  }

  /// A changed setting in what the site is told is not what the coordinator wrote.
  @Test func aChangedAnnouncementIsRefused() throws {
    let study = try SiteProcesses()
    let coordinator = try study.coordinator("apart")
    let path = study.inbox("birch") + "/run.json"
    while coordinator.isRunning, !Refusal.exists(path) { usleep(1000) }
    coordinator.kill()
    _ = try coordinator.wait()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("\"seed\" : 1,"))
    try text.replacing("\"seed\" : 1,", with: "\"seed\" : 2,").write(
      toFile: path, atomically: true, encoding: .utf8)
    Refusal.check(try study.site("birch").wait(), names: path, says: ["study_sha256"])
  }
}
