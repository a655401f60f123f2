import Foundation
import Foundations
import SwiftProtobuf

/// A network of float32 tensors as an ONNX model: operators of opset 17, IR version 8 (github.com/onnx/onnx).
///
/// Equal content gives equal bytes. Whoever builds it sees to it that a node's inputs were named before it.
package struct ONNXModel: Sendable, Equatable {
  package static let opset = 17
  /// The version of the format that came with opset 17.
  static let formatVersion = 8

  /// The size of an axis: a number, or a name for what the caller chooses, such as `batch`.
  package enum Extent: Sendable, Equatable {
    case fixed(Int)
    case free(String)
  }

  /// A node's setting.
  package enum Attribute: Sendable, Equatable {
    case integer(String, Int)
    case integers(String, [Int])
    /// Not 0: the format leaves that out.
    case number(String, Float)
  }

  private var message = ONNXModelProto()
  /// Nodes so far, which name themselves by operation and place.
  private var nodeCount: Int { message.graph.node.count }

  /// `metadata` is written in order of its keys.
  package init(name: String, version: String, description: String, metadata: [String: String] = [:]) {
    message.irVersion = Int64(Self.formatVersion)
    message.producerName = "segfed"
    message.producerVersion = version
    message.docString = description
    var operators = ONNXOperatorSetIdProto()
    operators.version = Int64(Self.opset)
    message.opsetImport = [operators]
    message.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXStringStringEntryProto()
      (entry.key, entry.value) = (key, value)
      return entry
    }
    message.graph.name = name
  }

  package mutating func addInput(_ name: String, shape: [Extent], description: String = "") {
    message.graph.input.append(Self.value(name, shape, description))
  }

  package mutating func addOutput(_ name: String, shape: [Extent], description: String = "") {
    message.graph.output.append(Self.value(name, shape, description))
  }

  /// Adds a tensor that nodes read by its name.
  package mutating func add(_ tensor: NamedTensor) {
    var stored = ONNXTensorProto()
    stored.name = tensor.name
    stored.dims = tensor.shape.map(Int64.init)
    stored.dataType = Int32(ONNXTensorProto.DataType.float.rawValue)
    stored.rawData = FloatBytes.data(tensor.values)
    message.graph.initializer.append(stored)
  }

  /// Adds a node of one output, and returns the output's name.
  @discardableResult
  package mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [Attribute] = [], output: String
  ) -> String {
    var node = ONNXNodeProto()
    node.name = "\(operation)_\(nodeCount)"
    node.opType = operation
    node.input = inputs
    node.output = [output]
    node.attribute = attributes.map(Self.attribute)
    message.graph.node.append(node)
    return output
  }

  /// The file's bytes.
  package func encoded() -> Data {
    do {
      return try message.serializedData()
    } catch {
      // Only messages with required fields can fail, and these have none.
      preconditionFailure("\(error)")
    }
  }

  /// Writes the file whole or not at all. Throws `FileError.notWritable`.
  package func write(to path: String) throws {
    try AtomicFile.write(encoded(), to: path)
  }

  private static func value(_ name: String, _ shape: [Extent], _ description: String) -> ONNXValueInfoProto {
    var value = ONNXValueInfoProto()
    value.name = name
    value.docString = description
    value.type.tensorType.elemType = Int32(ONNXTensorProto.DataType.float.rawValue)
    value.type.tensorType.shape.dim = shape.map { extent in
      var dimension = ONNXTensorShapeProto.Dimension()
      switch extent {
      case .fixed(let size): dimension.dimValue = Int64(size)
      case .free(let name): dimension.dimParam = name
      }
      return dimension
    }
    return value
  }

  private static func attribute(_ attribute: Attribute) -> ONNXAttributeProto {
    var stored = ONNXAttributeProto()
    switch attribute {
    case .integer(let name, let value):
      (stored.name, stored.type, stored.i) = (name, .int, Int64(value))
    case .integers(let name, let values):
      (stored.name, stored.type, stored.ints) = (name, .ints, values.map(Int64.init))
    case .number(let name, let value):
      (stored.name, stored.type, stored.f) = (name, .float, value)
    }
    return stored
  }
}
