import Foundation
import TestSupport
import Testing

/// `segfed export`: what it writes, and what it refuses.
@Suite struct ExportTests {
  private let folder: TemporaryFolder
  private let run: String

  init() throws {
    folder = try TemporaryFolder()
    run = try TrainedRun.shared.get().path
  }

  private func json(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func onnxWithNNUNetsDescription() throws {
    let output = folder.file("out/model.onnx")
    let outcome = try SegfedProcess.run(
      "export", "--model", run, "--format", "onnx", "--output", output, "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let files = ["model.onnx", "dataset.json", "plans.json"].map { folder.file("out/" + $0) }
    #expect(try outcome.json()["files"] as? [String] == files)
    let dataset = try json(files[1])
    #expect((dataset["channel_names"] as? [String: String])?["0"] == "t1")
    #expect((dataset["labels"] as? [String: Int])?["enhancing tumour"] == 3)
    let plans = try json(files[2])
    #expect((plans["configurations"] as? [String: Any])?.keys.sorted() == ["3d_fullres"])
    // Equal models give equal files.
    let again = folder.file("again/model.onnx")
    #expect(try SegfedProcess.run("export", "--model", run, "--format", "onnx", "--output", again).code == 0)
    #expect(FileManager.default.contentsEqual(atPath: output, andPath: again))
  }

  @Test func nnunetIsAFolder() throws {
    let output = folder.file("out")
    let outcome = try SegfedProcess.run("export", "--model", run, "--format", "nnunet", "--output", output)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: output).sorted()
    #expect(names == ["dataset.json", "model.safetensors", "plans.json"])
    #expect(outcome.output.contains(output + "/model.safetensors"))
  }

  /// What nnU-Net's names hold is where training may start: the same run as from the model itself.
  @Test func nnunetsWeightsAreAStart() throws {
    let exported = folder.file("exported")
    #expect(
      try SegfedProcess.run("export", "--model", run, "--format", "nnunet", "--output", exported).code == 0)
    let sites = try TinySites.shared.get()
    let weights = exported + "/model.safetensors"
    for (name, start) in [("own", run), ("nnunet", weights)] {
      let outcome = try sites.train(output: folder.file(name), "--init", start)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    #expect(
      FileManager.default.contentsEqual(
        atPath: folder.file("own/coordinator/model.safetensors"),
        andPath: folder.file("nnunet/coordinator/model.safetensors")))
    let plan = try folder.write(Data(TinySites.planText(widths: [4, 12]).utf8), "wider.yaml")
    let refused = try SegfedProcess.run(
      "train", "--data", sites.data, "--plan", plan, "--init", weights, "--output", folder.file("none"),
      "--quiet")
    Refusal.check(refused, names: weights, says: ["encoder.stages.1", "[12, 4, 3, 3, 3]"])
    #expect(!Refusal.exists(folder.file("none")))
  }

  /// Each channel would start from another contrast's weights.
  @Test func contrastsInAnotherOrderAreNoStart() throws {
    let text = TinySites.planText(more: "contrasts: [flair, t1, t1ce, t2]")
    let plan = try folder.write(Data(text.utf8), "order.yaml")
    let refused = try SegfedProcess.run(
      "train", "--data", try TinySites.shared.get().data, "--plan", plan, "--init", run, "--output",
      folder.file("none"), "--quiet")
    Refusal.check(
      refused, names: run + "/coordinator/model.safetensors",
      says: ["the contrasts t1, t1ce, t2, flair", "the contrasts flair, t1, t1ce, t2"])
    #expect(!Refusal.exists(folder.file("none")))
  }

  @Test func earlierExportsAreReplacedOnlyIfAsked() throws {
    let output = folder.file("out")
    #expect(
      try SegfedProcess.run("export", "--model", run, "--format", "nnunet", "--output", output).code == 0)
    let again = try SegfedProcess.run("export", "--model", run, "--format", "nnunet", "--output", output)
    Refusal.check(again, names: output + "/model.safetensors", says: ["already exists"])
    // Not one of the three is written over, the model's name may be new.
    let onnx = try SegfedProcess.run(
      "export", "--model", run, "--format", "onnx", "--output", output + "/model.onnx")
    Refusal.check(onnx, names: output + "/dataset.json", says: ["already exists"])
    #expect(!FileManager.default.fileExists(atPath: output + "/model.onnx"))
    let forced = try SegfedProcess.run(
      "export", "--model", run, "--format", "onnx", "--output", output + "/model.onnx", "--force")
    #expect(forced.code == 0)
  }

  @Test func badRequestsAreRefused() throws {
    let name = try SegfedProcess.run(
      "export", "--model", run, "--format", "onnx", "--output", folder.file("model.pb"))
    Refusal.check(name, names: "model.pb", says: [".onnx"])
    let file = try folder.write(Data("text".utf8), "file")
    let notAFolder = try SegfedProcess.run("export", "--model", run, "--format", "nnunet", "--output", file)
    Refusal.check(notAFolder, names: file, says: ["a folder"])
    let missing = try SegfedProcess.run(
      "export", "--model", folder.file("none"), "--format", "nnunet", "--output", folder.file("out"))
    Refusal.check(missing, names: "none", says: ["no such file"])
    let noModel = try SegfedProcess.run(
      "export", "--model", file, "--format", "nnunet", "--output", folder.file("out"))
    Refusal.check(noModel, names: file)
    #expect(!Refusal.exists(folder.file("out")))
    let format = try SegfedProcess.run("export", "--model", run, "--format", "caffe", "--output", "x")
    #expect(format.code == 64)
  }

  /// Curves lie beside the journal, and say what it says.
  @Test func curvesAreWrittenByTraining() throws {
    let coordinator = run + "/coordinator"
    let curves = try json(coordinator + "/curves.json")
    let rounds = try #require(curves["rounds"] as? [[String: Any]])
    #expect(rounds.count == 1 && rounds[0]["round"] as? Int == 1)
    let sites = try #require(rounds[0]["sites"] as? [String: [String: Any]])
    #expect(sites.keys.sorted() == ["birch", "hazel"])
    #expect(sites["birch"]?["learning_rate"] as? Double == 0.003)
    let csv = try String(contentsOfFile: coordinator + "/curves.csv", encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 3)
    let journal = try String(contentsOfFile: coordinator + "/rounds.jsonl", encoding: .utf8)
    let round = try #require(journal.split(separator: "\n").first { $0.contains("\"entry\":\"round\"") })
    let entry = try #require(
      try JSONSerialization.jsonObject(with: Data(round.utf8)) as? [String: Any])
    let told = try #require((entry["sites"] as? [[String: Any]])?.first)
    #expect(sites[try #require(told["site"] as? String)]?["loss"] as? Double == told["loss"] as? Double)
    guard PythonReference.isWanted else { return }
    let text = try PythonReference.run(
      script: "tfevents_reference.py", arguments: [coordinator + "/events.out.tfevents.segfed"])
    let events = try #require(try JSONSerialization.jsonObject(with: text) as? [[String: Any]])
    let tags = events.compactMap { $0["tag"] as? String }
    #expect(tags.contains("loss/birch") && tags.contains("learning_rate/hazel"))
    #expect(Set(tags).count == tags.count)
  }
}
