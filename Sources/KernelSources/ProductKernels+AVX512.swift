import Kernels

// The register blocks that only AVX-512 has room for.

#if SEGFED_AVX512
  /// 8 rows of C by 2 panels; `lanes` columns of the last one are real.
  @inline(__always)
  private func rows8panels2(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
    let c = p.c + (row &* p.cStride &+ panel &* 16)
    let cStride = p.cStride
    var c00 = Lanes(repeating: 0)
    var c01 = Lanes(repeating: 0)
    var c10 = Lanes(repeating: 0)
    var c11 = Lanes(repeating: 0)
    var c20 = Lanes(repeating: 0)
    var c21 = Lanes(repeating: 0)
    var c30 = Lanes(repeating: 0)
    var c31 = Lanes(repeating: 0)
    var c40 = Lanes(repeating: 0)
    var c41 = Lanes(repeating: 0)
    var c50 = Lanes(repeating: 0)
    var c51 = Lanes(repeating: 0)
    var c60 = Lanes(repeating: 0)
    var c61 = Lanes(repeating: 0)
    var c70 = Lanes(repeating: 0)
    var c71 = Lanes(repeating: 0)
    if p.isAdding {
      c00 = load(c)
      c01 = load(c + 16, count: lanes)
      c10 = load(c + cStride)
      c11 = load(c + (cStride &+ 16), count: lanes)
      c20 = load(c + 2 &* cStride)
      c21 = load(c + (2 &* cStride &+ 16), count: lanes)
      c30 = load(c + 3 &* cStride)
      c31 = load(c + (3 &* cStride &+ 16), count: lanes)
      c40 = load(c + 4 &* cStride)
      c41 = load(c + (4 &* cStride &+ 16), count: lanes)
      c50 = load(c + 5 &* cStride)
      c51 = load(c + (5 &* cStride &+ 16), count: lanes)
      c60 = load(c + 6 &* cStride)
      c61 = load(c + (6 &* cStride &+ 16), count: lanes)
      c70 = load(c + 7 &* cStride)
      c71 = load(c + (7 &* cStride &+ 16), count: lanes)
    } else if let bias = p.bias {
      c00 = load(bias + panel &* 16)
      c01 = load(bias + (panel &* 16 &+ 16), count: lanes)
      c10 = c00
      c11 = c01
      c20 = c00
      c21 = c01
      c30 = c00
      c31 = c01
      c40 = c00
      c41 = c01
      c50 = c00
      c51 = c01
      c60 = c00
      c61 = c01
      c70 = c00
      c71 = c01
    }
    let panelStep = p.bPanelStep
    @inline(__always)
    func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
      let b0 = load(b)
      let b1 = load(b + panelStep)
      let a0 = access.value(a, row: 0, k)
      c00 = fma(c00, a0, b0)
      c01 = fma(c01, a0, b1)
      let a1 = access.value(a, row: 1, k)
      c10 = fma(c10, a1, b0)
      c11 = fma(c11, a1, b1)
      let a2 = access.value(a, row: 2, k)
      c20 = fma(c20, a2, b0)
      c21 = fma(c21, a2, b1)
      let a3 = access.value(a, row: 3, k)
      c30 = fma(c30, a3, b0)
      c31 = fma(c31, a3, b1)
      let a4 = access.value(a, row: 4, k)
      c40 = fma(c40, a4, b0)
      c41 = fma(c41, a4, b1)
      let a5 = access.value(a, row: 5, k)
      c50 = fma(c50, a5, b0)
      c51 = fma(c51, a5, b1)
      let a6 = access.value(a, row: 6, k)
      c60 = fma(c60, a6, b0)
      c61 = fma(c61, a6, b1)
      let a7 = access.value(a, row: 7, k)
      c70 = fma(c70, a7, b0)
      c71 = fma(c71, a7, b1)
    }
    eachDepth(p, access, row: row, panel: panel, step)
    store(c00, c)
    store(c01, c + 16, count: lanes)
    store(c10, c + cStride)
    store(c11, c + (cStride &+ 16), count: lanes)
    store(c20, c + 2 &* cStride)
    store(c21, c + (2 &* cStride &+ 16), count: lanes)
    store(c30, c + 3 &* cStride)
    store(c31, c + (3 &* cStride &+ 16), count: lanes)
    store(c40, c + 4 &* cStride)
    store(c41, c + (4 &* cStride &+ 16), count: lanes)
    store(c50, c + 5 &* cStride)
    store(c51, c + (5 &* cStride &+ 16), count: lanes)
    store(c60, c + 6 &* cStride)
    store(c61, c + (6 &* cStride &+ 16), count: lanes)
    store(c70, c + 7 &* cStride)
    store(c71, c + (7 &* cStride &+ 16), count: lanes)
  }

  /// 4 rows of C by 2 panels; `lanes` columns of the last one are real.
  @inline(__always)
  private func rows4panels2(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
    let c = p.c + (row &* p.cStride &+ panel &* 16)
    let cStride = p.cStride
    var c00 = Lanes(repeating: 0)
    var c01 = Lanes(repeating: 0)
    var c10 = Lanes(repeating: 0)
    var c11 = Lanes(repeating: 0)
    var c20 = Lanes(repeating: 0)
    var c21 = Lanes(repeating: 0)
    var c30 = Lanes(repeating: 0)
    var c31 = Lanes(repeating: 0)
    if p.isAdding {
      c00 = load(c)
      c01 = load(c + 16, count: lanes)
      c10 = load(c + cStride)
      c11 = load(c + (cStride &+ 16), count: lanes)
      c20 = load(c + 2 &* cStride)
      c21 = load(c + (2 &* cStride &+ 16), count: lanes)
      c30 = load(c + 3 &* cStride)
      c31 = load(c + (3 &* cStride &+ 16), count: lanes)
    } else if let bias = p.bias {
      c00 = load(bias + panel &* 16)
      c01 = load(bias + (panel &* 16 &+ 16), count: lanes)
      c10 = c00
      c11 = c01
      c20 = c00
      c21 = c01
      c30 = c00
      c31 = c01
    }
    let panelStep = p.bPanelStep
    @inline(__always)
    func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
      let b0 = load(b)
      let b1 = load(b + panelStep)
      let a0 = access.value(a, row: 0, k)
      c00 = fma(c00, a0, b0)
      c01 = fma(c01, a0, b1)
      let a1 = access.value(a, row: 1, k)
      c10 = fma(c10, a1, b0)
      c11 = fma(c11, a1, b1)
      let a2 = access.value(a, row: 2, k)
      c20 = fma(c20, a2, b0)
      c21 = fma(c21, a2, b1)
      let a3 = access.value(a, row: 3, k)
      c30 = fma(c30, a3, b0)
      c31 = fma(c31, a3, b1)
    }
    eachDepth(p, access, row: row, panel: panel, step)
    store(c00, c)
    store(c01, c + 16, count: lanes)
    store(c10, c + cStride)
    store(c11, c + (cStride &+ 16), count: lanes)
    store(c20, c + 2 &* cStride)
    store(c21, c + (2 &* cStride &+ 16), count: lanes)
    store(c30, c + 3 &* cStride)
    store(c31, c + (3 &* cStride &+ 16), count: lanes)
  }

  /// 1 row of C by 2 panels; `lanes` columns of the last one are real.
  @inline(__always)
  private func rows1panels2(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
    let c = p.c + (row &* p.cStride &+ panel &* 16)
    var c00 = Lanes(repeating: 0)
    var c01 = Lanes(repeating: 0)
    if p.isAdding {
      c00 = load(c)
      c01 = load(c + 16, count: lanes)
    } else if let bias = p.bias {
      c00 = load(bias + panel &* 16)
      c01 = load(bias + (panel &* 16 &+ 16), count: lanes)
    }
    let panelStep = p.bPanelStep
    @inline(__always)
    func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
      let b0 = load(b)
      let b1 = load(b + panelStep)
      let a0 = access.value(a, row: 0, k)
      c00 = fma(c00, a0, b0)
      c01 = fma(c01, a0, b1)
    }
    eachDepth(p, access, row: row, panel: panel, step)
    store(c00, c)
    store(c01, c + 16, count: lanes)
  }

  /// 8 rows of C by 1 panel; `lanes` columns of the last one are real.
  @inline(__always)
  private func rows8panels1(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
    let c = p.c + (row &* p.cStride &+ panel &* 16)
    let cStride = p.cStride
    var c00 = Lanes(repeating: 0)
    var c10 = Lanes(repeating: 0)
    var c20 = Lanes(repeating: 0)
    var c30 = Lanes(repeating: 0)
    var c40 = Lanes(repeating: 0)
    var c50 = Lanes(repeating: 0)
    var c60 = Lanes(repeating: 0)
    var c70 = Lanes(repeating: 0)
    if p.isAdding {
      c00 = load(c, count: lanes)
      c10 = load(c + cStride, count: lanes)
      c20 = load(c + 2 &* cStride, count: lanes)
      c30 = load(c + 3 &* cStride, count: lanes)
      c40 = load(c + 4 &* cStride, count: lanes)
      c50 = load(c + 5 &* cStride, count: lanes)
      c60 = load(c + 6 &* cStride, count: lanes)
      c70 = load(c + 7 &* cStride, count: lanes)
    } else if let bias = p.bias {
      c00 = load(bias + panel &* 16, count: lanes)
      c10 = c00
      c20 = c00
      c30 = c00
      c40 = c00
      c50 = c00
      c60 = c00
      c70 = c00
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
      let a6 = access.value(a, row: 6, k)
      c60 = fma(c60, a6, b0)
      let a7 = access.value(a, row: 7, k)
      c70 = fma(c70, a7, b0)
    }
    eachDepth(p, access, row: row, panel: panel, step)
    store(c00, c, count: lanes)
    store(c10, c + cStride, count: lanes)
    store(c20, c + 2 &* cStride, count: lanes)
    store(c30, c + 3 &* cStride, count: lanes)
    store(c40, c + 4 &* cStride, count: lanes)
    store(c50, c + 5 &* cStride, count: lanes)
    store(c60, c + 6 &* cStride, count: lanes)
    store(c70, c + 7 &* cStride, count: lanes)
  }

  /// 4 rows of C by 1 panel; `lanes` columns of the last one are real.
  @inline(__always)
  private func rows4panels1(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
    let c = p.c + (row &* p.cStride &+ panel &* 16)
    let cStride = p.cStride
    var c00 = Lanes(repeating: 0)
    var c10 = Lanes(repeating: 0)
    var c20 = Lanes(repeating: 0)
    var c30 = Lanes(repeating: 0)
    if p.isAdding {
      c00 = load(c, count: lanes)
      c10 = load(c + cStride, count: lanes)
      c20 = load(c + 2 &* cStride, count: lanes)
      c30 = load(c + 3 &* cStride, count: lanes)
    } else if let bias = p.bias {
      c00 = load(bias + panel &* 16, count: lanes)
      c10 = c00
      c20 = c00
      c30 = c00
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
    }
    eachDepth(p, access, row: row, panel: panel, step)
    store(c00, c, count: lanes)
    store(c10, c + cStride, count: lanes)
    store(c20, c + 2 &* cStride, count: lanes)
    store(c30, c + 3 &* cStride, count: lanes)
  }

  /// 16 rows of C by 1 panel; `lanes` columns of it are real.
  @inline(__always)
  private func rows16panels1(_ p: Product, _ access: some ProductAccess, row: Int, panel: Int, lanes: Int) {
    let c = p.c + (row &* p.cStride &+ panel &* 16)
    let cStride = p.cStride
    var c0 = Lanes(repeating: 0)
    var c1 = Lanes(repeating: 0)
    var c2 = Lanes(repeating: 0)
    var c3 = Lanes(repeating: 0)
    var c4 = Lanes(repeating: 0)
    var c5 = Lanes(repeating: 0)
    var c6 = Lanes(repeating: 0)
    var c7 = Lanes(repeating: 0)
    var c8 = Lanes(repeating: 0)
    var c9 = Lanes(repeating: 0)
    var c10 = Lanes(repeating: 0)
    var c11 = Lanes(repeating: 0)
    var c12 = Lanes(repeating: 0)
    var c13 = Lanes(repeating: 0)
    var c14 = Lanes(repeating: 0)
    var c15 = Lanes(repeating: 0)
    if p.isAdding {
      c0 = load(c, count: lanes)
      c1 = load(c + cStride, count: lanes)
      c2 = load(c + 2 &* cStride, count: lanes)
      c3 = load(c + 3 &* cStride, count: lanes)
      c4 = load(c + 4 &* cStride, count: lanes)
      c5 = load(c + 5 &* cStride, count: lanes)
      c6 = load(c + 6 &* cStride, count: lanes)
      c7 = load(c + 7 &* cStride, count: lanes)
      c8 = load(c + 8 &* cStride, count: lanes)
      c9 = load(c + 9 &* cStride, count: lanes)
      c10 = load(c + 10 &* cStride, count: lanes)
      c11 = load(c + 11 &* cStride, count: lanes)
      c12 = load(c + 12 &* cStride, count: lanes)
      c13 = load(c + 13 &* cStride, count: lanes)
      c14 = load(c + 14 &* cStride, count: lanes)
      c15 = load(c + 15 &* cStride, count: lanes)
    } else if let bias = p.bias {
      c0 = load(bias + panel &* 16, count: lanes)
      c1 = c0
      c2 = c0
      c3 = c0
      c4 = c0
      c5 = c0
      c6 = c0
      c7 = c0
      c8 = c0
      c9 = c0
      c10 = c0
      c11 = c0
      c12 = c0
      c13 = c0
      c14 = c0
      c15 = c0
    }
    @inline(__always)
    func step(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) {
      let b0 = load(b)
      c0 = fma(c0, access.value(a, row: 0, k), b0)
      c1 = fma(c1, access.value(a, row: 1, k), b0)
      c2 = fma(c2, access.value(a, row: 2, k), b0)
      c3 = fma(c3, access.value(a, row: 3, k), b0)
      c4 = fma(c4, access.value(a, row: 4, k), b0)
      c5 = fma(c5, access.value(a, row: 5, k), b0)
      c6 = fma(c6, access.value(a, row: 6, k), b0)
      c7 = fma(c7, access.value(a, row: 7, k), b0)
      c8 = fma(c8, access.value(a, row: 8, k), b0)
      c9 = fma(c9, access.value(a, row: 9, k), b0)
      c10 = fma(c10, access.value(a, row: 10, k), b0)
      c11 = fma(c11, access.value(a, row: 11, k), b0)
      c12 = fma(c12, access.value(a, row: 12, k), b0)
      c13 = fma(c13, access.value(a, row: 13, k), b0)
      c14 = fma(c14, access.value(a, row: 14, k), b0)
      c15 = fma(c15, access.value(a, row: 15, k), b0)
    }
    eachDepth(p, access, row: row, panel: panel, step)
    store(c0, c, count: lanes)
    store(c1, c + cStride, count: lanes)
    store(c2, c + 2 &* cStride, count: lanes)
    store(c3, c + 3 &* cStride, count: lanes)
    store(c4, c + 4 &* cStride, count: lanes)
    store(c5, c + 5 &* cStride, count: lanes)
    store(c6, c + 6 &* cStride, count: lanes)
    store(c7, c + 7 &* cStride, count: lanes)
    store(c8, c + 8 &* cStride, count: lanes)
    store(c9, c + 9 &* cStride, count: lanes)
    store(c10, c + 10 &* cStride, count: lanes)
    store(c11, c + 11 &* cStride, count: lanes)
    store(c12, c + 12 &* cStride, count: lanes)
    store(c13, c + 13 &* cStride, count: lanes)
    store(c14, c + 14 &* cStride, count: lanes)
    store(c15, c + 15 &* cStride, count: lanes)
  }
#endif
