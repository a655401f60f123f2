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

  static func instanceNorm(
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
          y.values[i] = gamma[c] * (x.values[i] - mean) / (variance + 1e-5).squareRoot() + beta[c]
        }
      }
    }
    return y
  }

  static func leaky(_ x: ReferenceTensor) -> ReferenceTensor {
    ReferenceTensor(x.shape, x.values.map { $0 > 0 ? $0 : 0.01 * $0 })
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
    pool(x, window: window) { $0.max()! }
  }

  static func averagePool(_ x: ReferenceTensor, window: Axes) -> ReferenceTensor {
    pool(x, window: window) { $0.reduce(0, +) / Double($0.count) }
  }

  private static func pool(
    _ x: ReferenceTensor, window: Axes, _ value: ([Double]) -> Double
  ) -> ReferenceTensor {
    let grid = Axes(
      x.shape.depth / window.depth, x.shape.height / window.height, x.shape.width / window.width)
    var y = ReferenceTensor(zeros: x.shape.with(grid: grid, channels: x.shape.channels))
    for b in 0..<x.shape.batch {
      for (d, h, w) in positions(grid) {
        for c in 0..<x.shape.channels {
          y.values[y.index(b, d, h, w, c)] = value(
            positions(window).map {
              x.values[
                x.index(
                  b, d * window.depth + $0.0, h * window.height + $0.1, w * window.width + $0.2, c)]
            })
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
}
