import Foundation
import TestSupport
import Testing

/// What the tools of this field make of segfed's files.
@Suite(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
struct PythonReadsResultsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The Python package `safetensors` reads the model: the U-Net's tensors by name and shape.
  @Test func modelIsReadable() throws {
    let run = try TrainedRun.shared.get().path
    let text = try PythonReference.run(
      script: "model_check.py", arguments: [run + "/coordinator/model.safetensors"])
    let model = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let shapes = try #require(model["shapes"] as? [String: [Int]])
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) { print(name, shape) }
    #expect(model["types"] as? [String] == ["float32"])
    #expect(model["finite"] as? Bool == true)
    let metadata = try #require(model["metadata"] as? [String: String])
    #expect(metadata["format"] == "segfed" && metadata["schema_version"] == "1" && metadata["round"] == "1")
    // Kernels first, then channels: four contrasts go into the first convolution, four classes come out of
    // the head.
    #expect(shapes.values.contains([3, 3, 3, 4, 4]))
    #expect(shapes.values.contains([1, 1, 1, 4, 4]))
  }

  /// Predictions lie in their scans' own grids: six scanners, other orientations, forms and data types.
  @Test func predictionsKeepTheirScansGrid() throws {
    let run = try TrainedRun.shared.get().path
    let data = try TinySites.oneCaseEach.get().data
    let output = folder.file("out")
    let outcome = try SegfedProcess.run("predict", "--model", run, "--input", data, "--output", output)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let found = try check(data: data, predictions: output)
    #expect(found["volumes"] as? Int == 6)
    #expect(found["orientations"] as? Int ?? 0 >= 5)
    #expect(found["differences"] as? [String] == [])
  }

  /// PNG scans give label maps as PNG with a palette.
  @Test func slicesGivePalettes() throws {
    let slices = try TinySites.slices.get()
    let run = folder.file("run")
    #expect(try slices.train(output: run).code == 0)
    let output = folder.file("out")
    let outcome = try SegfedProcess.run("predict", "--model", run, "--input", slices.data, "--output", output)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let found = try check(data: slices.data, predictions: output)
    #expect(found["pictures"] as? Int == 6)
    #expect(found["differences"] as? [String] == [])
  }

  private func check(data: String, predictions: String) throws -> [String: Any] {
    let text = try PythonReference.run(script: "prediction_check.py", arguments: [data, predictions])
    return try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
  }
}
