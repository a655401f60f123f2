import Foundation
import TestSupport

/// What SciPy says, by `Tests/Python/inference_reference.py`.
enum Inference {
  static func reference<Answer: Decodable>(
    _ question: String, _ given: some Encodable, as type: Answer.Type
  ) throws -> Answer {
    let output = try PythonReference.run(
      script: "inference_reference.py", arguments: [question], input: try JSONEncoder().encode(given))
    return try JSONDecoder().decode(type, from: output)
  }

  static func isNear(_ first: Double, _ second: Double, _ tolerance: Double = 1e-9) -> Bool {
    abs(first - second) <= tolerance * max(1, abs(second))
  }
}
