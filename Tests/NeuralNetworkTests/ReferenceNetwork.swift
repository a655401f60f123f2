import NeuralNetwork
import Tensor

/// Plain Float64 versions of every operation, written for clarity: the oracle of these tests.
///
/// Tensors are channels last, `(batch, depth, height, width, channels)`.
struct ReferenceTensor {
  var shape: TensorShape
  var values: [Double]

  init(_ shape: TensorShape, _ values: [Double]) {
    self.shape = shape
    self.values = values
  }

  init(zeros shape: TensorShape) { self.init(shape, [Double](repeating: 0, count: shape.count)) }

  func index(_ b: Int, _ d: Int, _ h: Int, _ w: Int, _ c: Int) -> Int {
    (((b * shape.depth + d) * shape.height + h) * shape.width + w) * shape.channels + c
  }
}

enum Reference {
  /// Calls `body(input index, weight index, output index)` for each product of a convolution.
  static func eachProduct(_ shape: ConvolutionShape, _ body: (Int, Int, Int) -> Void) {
    let input = ReferenceTensor(zeros: shape.input)
    let output = ReferenceTensor(zeros: shape.output)
    let k = shape.kernel
    for b in 0..<shape.input.batch {
      for (d, h, w) in positions(shape.outputGrid) {
        for (kd, kh, kw) in positions(k) {
          let z = d * shape.stride.depth + kd - shape.padding.depth
          let y = h * shape.stride.height + kh - shape.padding.height
          let x = w * shape.stride.width + kw - shape.padding.width
          guard z >= 0, z < shape.input.depth, y >= 0, y < shape.input.height, x >= 0,
            x < shape.input.width
          else { continue }
          let tap = (kd * k.height + kh) * k.width + kw
          for i in 0..<shape.input.channels {
            for o in 0..<shape.outputChannels {
              body(
                input.index(b, z, y, x, i), (tap * shape.input.channels + i) * shape.outputChannels + o,
                output.index(b, d, h, w, o))
            }
          }
        }
      }
    }
  }

  static func positions(_ axes: Axes) -> [(Int, Int, Int)] {
    var all: [(Int, Int, Int)] = []
    for d in 0..<axes.depth {
      for h in 0..<axes.height { for w in 0..<axes.width { all.append((d, h, w)) } }
    }
    return all
  }

  static func convolution(_ shape: ConvolutionShape, _ x: [Double], _ weights: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: shape.output.count)
    eachProduct(shape) { i, k, o in y[o] += x[i] * weights[k] }
    return y
  }

  static func convolutionInputGradient(
    _ shape: ConvolutionShape, _ dy: [Double], _ weights: [Double]
  ) -> [Double] {
    var dx = [Double](repeating: 0, count: shape.input.count)
    eachProduct(shape) { i, k, o in dx[i] += dy[o] * weights[k] }
    return dx
  }

  static func convolutionWeightGradient(
    _ shape: ConvolutionShape, _ x: [Double], _ dy: [Double]
  ) -> [Double] {
    var dw = [Double](repeating: 0, count: shape.weightCount)
    eachProduct(shape) { i, k, o in dw[k] += x[i] * dy[o] }
    return dw
  }

  static func instanceNormLeaky(
    _ x: ReferenceTensor, gamma: [Double], beta: [Double]
  ) -> ReferenceTensor {
    var y = x
    let n = x.shape.voxels
    for b in 0..<x.shape.batch {
      for c in 0..<x.shape.channels {
        let indices = (0..<n).map { (b * n + $0) * x.shape.channels + c }
        let mean = indices.reduce(0) { $0 + x.values[$1] } / Double(n)
        let variance = indices.reduce(0) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) } / Double(n)
        for i in indices {
          let z = gamma[c] * (x.values[i] - mean) / (variance + 1e-5).squareRoot() + beta[c]
          y.values[i] = z > 0 ? z : 0.01 * z
        }
      }
    }
    return y
  }

  static func concatenation(_ a: ReferenceTensor, _ b: ReferenceTensor) -> ReferenceTensor {
    let shape = a.shape.with(channels: a.shape.channels + b.shape.channels)
    var values: [Double] = []
    for r in 0..<shape.rows {
      values += a.values[r * a.shape.channels..<(r + 1) * a.shape.channels]
      values += b.values[r * b.shape.channels..<(r + 1) * b.shape.channels]
    }
    return ReferenceTensor(shape, values)
  }

  static func maxPool(_ x: ReferenceTensor, window: Axes) -> ReferenceTensor {
    let grid = Axes(
      x.shape.depth / window.depth, x.shape.height / window.height, x.shape.width / window.width)
    var y = ReferenceTensor(zeros: x.shape.with(grid: grid, channels: x.shape.channels))
    for b in 0..<x.shape.batch {
      for (d, h, w) in positions(grid) {
        for c in 0..<x.shape.channels {
          y.values[y.index(b, d, h, w, c)] = positions(window).map {
            x.values[
              x.index(
                b, d * window.depth + $0.0, h * window.height + $0.1, w * window.width + $0.2, c)]
          }.max()!
        }
      }
    }
    return y
  }

  static func addBias(_ x: ReferenceTensor, _ bias: [Double]) -> ReferenceTensor {
    var y = x
    for i in y.values.indices { y.values[i] += bias[i % x.shape.channels] }
    return y
  }

  /// Batch Dice without background (smooth 1e-5) plus mean cross-entropy.
  static func loss(_ logits: [Double], targets: [UInt8], classes: Int) -> Double {
    var entropy = 0.0
    var p = [Double](repeating: 0, count: classes)
    var g = p
    var overlap = p
    for (r, target) in targets.enumerated() {
      let row = logits[r * classes..<(r + 1) * classes]
      let top = row.max()!
      let total = row.reduce(0) { $0 + exponential($1 - top) }
      for (c, value) in row.enumerated() {
        let probability = exponential(value - top) / total
        p[c] += probability
        if c == Int(target) {
          g[c] += 1
          overlap[c] += probability
          entropy -= logarithm(probability)
        }
      }
    }
    var dice = 0.0
    for c in 1..<classes {
      dice += (2 * overlap[c] + 1e-5) / (p[c] + g[c] + 1e-5)
    }
    return entropy / Double(targets.count) - dice / Double(classes - 1)
  }

  /// The whole U-Net, wired anew from the architecture's description.
  static func unet(
    _ architecture: UNetArchitecture, input: ReferenceTensor, parameters: [Double]
  ) -> ReferenceTensor {
    let layout = architecture.parameterLayout
    func tensor(_ name: String) -> [Double] {
      let entry = layout.entries.first { $0.name == name }!
      return Array(parameters[entry.offset..<entry.offset + entry.count])
    }
    let planar = architecture.dimensions == 2
    let kernel = planar ? Axes(1, 3, 3) : Axes(3, 3, 3)
    let padding = planar ? Axes(0, 1, 1) : Axes(1, 1, 1)
    let down = planar ? Axes(1, 2, 2) : Axes(2, 2, 2)
    func block(_ x: ReferenceTensor, _ name: String, _ width: Int, _ stride: Axes) -> ReferenceTensor {
      let shape = ConvolutionShape(
        input: x.shape, outputChannels: width, kernel: kernel, stride: stride, padding: padding)
      let linear = ReferenceTensor(
        shape.output, convolution(shape, x.values, tensor("\(name).conv.weight")))
      return instanceNormLeaky(
        linear, gamma: tensor("\(name).norm.weight"), beta: tensor("\(name).norm.bias"))
    }
    var x = input
    var skips: [ReferenceTensor] = []
    for (stage, width) in architecture.widths.enumerated() {
      let isPooled = architecture.downsampling == .maxPool
      if stage > 0 && isPooled { x = maxPool(x, window: down) }
      for index in 0..<architecture.convolutionsPerStage {
        let isStrided = stage > 0 && index == 0 && !isPooled
        x = block(x, "encoder.\(stage).\(index)", width, isStrided ? down : .one)
      }
      skips.append(x)
    }
    for stage in (0..<architecture.widths.count - 1).reversed() {
      let width = architecture.widths[stage]
      let fine = skips[stage].shape.with(channels: width)
      let shape = ConvolutionShape(
        input: fine, outputChannels: x.shape.channels, kernel: down, stride: down,
        padding: Axes(0, 0, 0))
      let up = ReferenceTensor(
        fine, convolutionInputGradient(shape, x.values, tensor("decoder.\(stage).up.weight")))
      x = concatenation(addBias(up, tensor("decoder.\(stage).up.bias")), skips[stage])
      for index in 0..<architecture.convolutionsPerStage {
        x = block(x, "decoder.\(stage).\(index)", width, .one)
      }
    }
    let shape = ConvolutionShape(
      input: x.shape, outputChannels: architecture.classes, kernel: .one, padding: Axes(0, 0, 0))
    let logits = ReferenceTensor(shape.output, convolution(shape, x.values, tensor("head.weight")))
    return addBias(logits, tensor("head.bias"))
  }
}
