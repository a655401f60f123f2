import Foundation
import Study
import TestSupport
import Testing

@Suite struct StudyFileTests {
  private func refusal(_ text: String) throws -> String {
    let folder = try StudyFolder(text)
    do {
      _ = try LockedStudy.draft(folder.study)
      return "none"
    } catch {
      return "\(error)"
    }
  }

  private func changed(_ old: String, _ new: String) throws -> String {
    try #require(StudyFolder.text.contains(old))
    return try refusal(StudyFolder.text.replacing(old, with: new))
  }

  @Test(arguments: [
    ("name: sample", "name: sample\nname: again", "found the key name twice"),
    ("rounds: 2", "rounds: 2, rounds: 3", "found the key rounds"),
    ("rounds: 2", "round: 2", "unknown key training.round, expected some of plan"),
    ("split:", "splits:", "Did you mean split?"),
    ("age >= 18", "age >= 18; DROP TABLE cases", "cohort.rules, adult: character 10"),
    ("age >= 18", "(SELECT 1)", "cohort.rules, adult: character 9: found 1"),
    ("schema_version: 1", "schema_version: 9", "schema_version: found 9, expected 1"),
    ("labels: [4]", "labels: [3]", "regions, ET: found [3]"),
    ("value: 2", "value: 1", "labels: found a value twice"),
    ("plan: bench", "plan: bensh", "Did you mean bench?"),
    ("rounds: 2", "rounds: 2, strategy: fedavgg", "training.strategy: "),
    (
      "rounds: 2", "rounds: 2, strategy: scaffold, codec_up: delta+topk+topk",
      "training.codec_down, codec_up: "
    ),
    ("local_steps: 3", "local_steps: 3, local_epochs: 1", "training.local_steps: found local_epochs too"),
    ("seeds: [1, 2]", "seeds: [1, 1]", "training.seeds: found [1, 1]"),
    ("test: 0.25", "test: 0.9", "split."),
    ("voxel_mm: [0.8, 15]", "voxel_mm: [15, 0.8]", "features.voxel_mm"),
    ("name: sex, levels: [F, M]", "name: sex, levels: [F, M], least: 3", "found levels and a range"),
    ("least: 18, most: 120", "least: 18, most: .inf", "cohort.columns, age: found inf"),
    (
      "local_steps: 3", "local_epochs: 5000000000",
      "training.local_epochs: found 5000000000, expected 1 to 10000"
    ),
    ("rounds: 2", "rounds: two", "rounds"), ("name: sample", "- name", "the file"),
  ]) func badFieldsAreNamed(old: String, new: String, says: String) throws {
    let message = try changed(old, new)
    #expect(message.contains(says), "\(message)")
    #expect(message.contains("study.yaml"), "\(message)")
    #expect(!message.contains("\n"))
  }

  /// Layout, defaults and spelling of a rule are not what a study means.
  @Test func sameMeaningSameDigest() throws {
    let plain = try StudyFolder()
    let other = try StudyFolder(
      StudyFolder.text.replacing("age >= 18", with: "(\"age\">=18.0)").replacing(
        "rounds: 2", with: "rounds: 2, strategy: fedavg, weights: cases, codec_up: fp32"
      ).replacing("labels:\n", with: "labels: # names\n  - {value: 0, name: background}\n"))
    let digest = try LockedStudy.draft(plain.study).digest
    #expect(try LockedStudy.draft(other.study).digest == digest)
    for (old, new) in [
      ("rounds: 2", "rounds: 3"), ("age >= 18", "age > 18"), ("name: edema", "name: oedema"),
      ("[t1, t1ce, t2, flair]", "[t1ce, t1, t2, flair]"), ("plan: bench", "plan: tiny"),
      ("seeds: [1, 2]", "seeds: [2, 1]"),
    ] {
      let changed = try StudyFolder(StudyFolder.text.replacing(old, with: new))
      #expect(try LockedStudy.draft(changed.study).digest != digest, "\(new)")
    }
  }

  @Test func aPlanFileIsPartOfTheStudy() throws {
    let folder = try StudyFolder(StudyFolder.text.replacing("plan: bench", with: "plan: own.yaml"))
    let models = StudyFolder.sample + "/../Models"
    let plan = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: models + "/bench.yaml")), as: UTF8.self)
    _ = try folder.folder.write(Data(plan.utf8), "own.yaml")
    let study = try LockedStudy.draft(folder.study)
    try study.lock(force: false)
    #expect(try LockedStudy.read(folder.study) == study)
    _ = try folder.folder.write(
      Data(plan.replacing("learning_rate: 1", with: "learning_rate: 0.5").utf8), "own.yaml")
    #expect {
      _ = try LockedStudy.read(folder.study)
    } throws: { error in
      "\(error)".contains("plan, optimizer, learning_rate: found 0.5, locked 1")
    }
    _ = try folder.folder.write(Data((plan + "contrasts: [t1]\n").utf8), "own.yaml")
    #expect {
      _ = try LockedStudy.draft(folder.study)
    } throws: { error in
      "\(error)".contains("training.plan (") && "\(error)".contains("contrasts")
    }
  }

  @Test func whatChangedAfterLockingIsNamedFieldByField() throws {
    let folder = try StudyFolder()
    #expect(throws: StudyError.notLocked(path: folder.study)) { _ = try LockedStudy.read(folder.study) }
    try LockedStudy.draft(folder.study).lock(force: false)
    let locked = try LockedStudy.read(folder.study)
    let text = StudyFolder.text.replacing("rounds: 2", with: "rounds: 20").replacing(
      "age >= 18", with: "age >= 16")
    _ = try folder.folder.write(Data(text.utf8), "study.yaml")
    #expect {
      _ = try LockedStudy.read(folder.study)
    } throws: { error in
      let message = "\(error)"
      return message.contains("training, rounds: found 20, locked 2")
        && message.contains(#"cohort, rules, 1, where: found ("age" >= 16), locked ("age" >= 18)"#)
    }
    #expect(throws: StudyError.self) { try LockedStudy.draft(folder.study).lock(force: false) }
    try LockedStudy.draft(folder.study).lock(force: true)
    #expect(try LockedStudy.read(folder.study).digest != locked.digest)
    // A lock that was edited is no lock.
    let path = LockedStudy.lockPath(of: folder.study)
    let lock = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    try Data(lock.replacing("adult", with: "minor").utf8).write(to: URL(fileURLWithPath: path))
    #expect {
      _ = try LockedStudy.read(folder.study)
    } throws: { "\($0)".contains("do not have the SHA-256") }
  }
}
