/// Cyclical weight transfer (Chang et al. 2018, "Distributed deep learning networks among institutions for medical imaging";
/// Sheller et al. 2018 call it cyclic institutional incremental learning): in each round the model goes from site to site.
package struct CyclicTransfer: SequentialStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "cyclic", summary: "no averaging: the model goes from site to site, round after round",
    paper: "arXiv 1810.04304", needs: .oneAfterTheOther, takesWeights: false)

  package init(_ parameters: StrategyParameters) {}
}
