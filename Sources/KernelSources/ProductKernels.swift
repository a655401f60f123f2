import CProcessor
import Kernels

// Register blocks of the matrix product: as many sums as the CPU's registers hold, each one chain of
// fused multiply-adds. AVX-512 has room for 16 sums of 16 lanes, AVX2 for 6.

extension CompiledKernels {
  package static func multiply(_ product: Product) {
    if product.depthStep == 1 {
      multiply(product, RowsAccess(rowStep: product.rowStep))
    } else {
      multiply(product, ColumnsAccess(depthStep: product.depthStep))
    }
  }

  package static func packPanel(
    _ source: UnsafePointer<Float>, rowStep: Int, rows: Int, depth: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    var k = 0
    if rows == 16 {
      while k &+ 16 <= depth {
        segfed_transpose(source + k, rowStep, target + k &* 16)
        k &+= 16
      }
    }
    while k < depth {
      for r in 0..<16 { target[k &* 16 &+ r] = r < rows ? source[r &* rowStep &+ k] : 0 }
      k &+= 1
    }
  }

  @inline(__always)
  private static func multiply(_ product: Product, _ access: some ProductAccess) {
    let panels = (product.columns &+ 15) / 16
    var panel = 0
    while panel < panels {
      let left = product.columns &- panel &* 16
      #if SEGFED_AVX512
        if left > 16 {
          wide(product, access, panel: panel, lanes: min(16, left &- 16))
          panel &+= 2
          continue
        }
      #endif
      narrow(product, access, panel: panel, lanes: min(16, left))
      panel &+= 1
    }
  }
}

/// How A lies: with one of its two steps known, a value's address is a constant away from a neighbour's.
private protocol ProductAccess {
  var rowStep: Int { get }
  var depthStep: Int { get }
  /// A[row][k], counted from `a`, in every lane.
  func value(_ a: UnsafePointer<Float>, row: Int, _ k: Int) -> Lanes
}

/// The depth runs along memory: a convolution's tiles times its weights.
private struct RowsAccess: ProductAccess {
  let rowStep: Int
  @inline(__always) var depthStep: Int { 1 }

  @inline(__always)
  func value(_ a: UnsafePointer<Float>, row: Int, _ k: Int) -> Lanes {
    Lanes(repeating: a[row &* rowStep &+ k])
  }
}

/// The rows run along memory: a weight gradient, whose depth are the tiles.
private struct ColumnsAccess: ProductAccess {
  let depthStep: Int
  @inline(__always) var rowStep: Int { 1 }

  @inline(__always)
  func value(_ a: UnsafePointer<Float>, row: Int, _ k: Int) -> Lanes {
    Lanes(repeating: a[row &+ k &* depthStep])
  }
}

/// Calls `step(a, b, k)` for the whole depth of one block of rows and panels, four at a time.
@inline(__always)
private func eachDepth(
  _ p: Product, _ access: some ProductAccess, row: Int, panel: Int,
  _ step: (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void
) {
  var b = p.b + panel &* p.bPanelStep
  let bStep = p.bDepthStep
  for segment in 0..<p.segmentCount {
    var a = p.segments[segment] + row &* access.rowStep
    var left = p.length
    while left >= 4 {
      step(a, b, 0)
      step(a, b + bStep, 1)
      step(a, b + 2 &* bStep, 2)
      step(a, b + 3 &* bStep, 3)
      a += 4 &* access.depthStep
      b += 4 &* bStep
      left &-= 4
    }
    while left > 0 {
      step(a, b, 0)
      a += access.depthStep
      b += bStep
      left &-= 1
    }
  }
}

#if SEGFED_AVX512
  /// All rows of two panels.
  private func wide(_ product: Product, _ access: some ProductAccess, panel: Int, lanes: Int) {
    var row = 0
    while row &+ 8 <= product.rows {
      rows8panels2(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 8
    }
    if row &+ 4 <= product.rows {
      rows4panels2(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 4
    }
    while row < product.rows {
      rows1panels2(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 1
    }
  }
#endif

/// All rows of one panel.
private func narrow(_ product: Product, _ access: some ProductAccess, panel: Int, lanes: Int) {
  var row = 0
  #if SEGFED_AVX512
    while row &+ 16 <= product.rows {
      rows16panels1(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 16
    }
    if row &+ 8 <= product.rows {
      rows8panels1(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 8
    }
    if row &+ 4 <= product.rows {
      rows4panels1(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 4
    }
  #else
    while row &+ 6 <= product.rows {
      rows6panels1(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 6
    }
    if row &+ 3 <= product.rows {
      rows3panels1(product, access, row: row, panel: panel, lanes: lanes)
      row &+= 3
    }
  #endif
  while row < product.rows {
    rows1panels1(product, access, row: row, panel: panel, lanes: lanes)
    row &+= 1
  }
}

/// 6 rows of C by 1 panel; `lanes` columns of the last one are real.
@inline(__always)
private func rows6panels1(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
  let c = p.c + (row &* p.cStride &+ panel &* 16)
  let cStride = p.cStride
  var c00 = Lanes(repeating: 0)
  var c10 = Lanes(repeating: 0)
  var c20 = Lanes(repeating: 0)
  var c30 = Lanes(repeating: 0)
  var c40 = Lanes(repeating: 0)
  var c50 = Lanes(repeating: 0)
  if p.isAdding {
    c00 = load(c, count: lanes)
    c10 = load(c + cStride, count: lanes)
    c20 = load(c + 2 &* cStride, count: lanes)
    c30 = load(c + 3 &* cStride, count: lanes)
    c40 = load(c + 4 &* cStride, count: lanes)
    c50 = load(c + 5 &* cStride, count: lanes)
  } else if let bias = p.bias {
    c00 = load(bias + panel &* 16, count: lanes)
    c10 = c00
    c20 = c00
    c30 = c00
    c40 = c00
    c50 = c00
  }
  @inline(__always)
  func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
    let b0 = load(b)
    let a0 = access.value(a, row: 0, k)
    c00 = fma(c00, a0, b0)
    let a1 = access.value(a, row: 1, k)
    c10 = fma(c10, a1, b0)
    let a2 = access.value(a, row: 2, k)
    c20 = fma(c20, a2, b0)
    let a3 = access.value(a, row: 3, k)
    c30 = fma(c30, a3, b0)
    let a4 = access.value(a, row: 4, k)
    c40 = fma(c40, a4, b0)
    let a5 = access.value(a, row: 5, k)
    c50 = fma(c50, a5, b0)
  }
  eachDepth(p, access, row: row, panel: panel, step)
  store(c00, c, count: lanes)
  store(c10, c + cStride, count: lanes)
  store(c20, c + 2 &* cStride, count: lanes)
  store(c30, c + 3 &* cStride, count: lanes)
  store(c40, c + 4 &* cStride, count: lanes)
  store(c50, c + 5 &* cStride, count: lanes)
}

/// 3 rows of C by 1 panel; `lanes` columns of the last one are real.
@inline(__always)
private func rows3panels1(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
  let c = p.c + (row &* p.cStride &+ panel &* 16)
  let cStride = p.cStride
  var c00 = Lanes(repeating: 0)
  var c10 = Lanes(repeating: 0)
  var c20 = Lanes(repeating: 0)
  if p.isAdding {
    c00 = load(c, count: lanes)
    c10 = load(c + cStride, count: lanes)
    c20 = load(c + 2 &* cStride, count: lanes)
  } else if let bias = p.bias {
    c00 = load(bias + panel &* 16, count: lanes)
    c10 = c00
    c20 = c00
  }
  @inline(__always)
  func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
    let b0 = load(b)
    let a0 = access.value(a, row: 0, k)
    c00 = fma(c00, a0, b0)
    let a1 = access.value(a, row: 1, k)
    c10 = fma(c10, a1, b0)
    let a2 = access.value(a, row: 2, k)
    c20 = fma(c20, a2, b0)
  }
  eachDepth(p, access, row: row, panel: panel, step)
  store(c00, c, count: lanes)
  store(c10, c + cStride, count: lanes)
  store(c20, c + 2 &* cStride, count: lanes)
}

/// 1 row of C by 1 panel; `lanes` columns of the last one are real.
@inline(__always)
private func rows1panels1(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
  let c = p.c + (row &* p.cStride &+ panel &* 16)
  var c00 = Lanes(repeating: 0)
  if p.isAdding {
    c00 = load(c, count: lanes)
  } else if let bias = p.bias {
    c00 = load(bias + panel &* 16, count: lanes)
  }
  @inline(__always)
  func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
    let b0 = load(b)
    let a0 = access.value(a, row: 0, k)
    c00 = fma(c00, a0, b0)
  }
  eachDepth(p, access, row: row, panel: panel, step)
  store(c00, c, count: lanes)
}
