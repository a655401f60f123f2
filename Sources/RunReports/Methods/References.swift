import Coordinator

/// The publications that parts of segfed follow.
enum References {
  static let unet = Reference(
    "ronneberger2015unet", "Ronneberger, Olaf and Fischer, Philipp and Brox, Thomas", 2015,
    "U-Net: Convolutional Networks for Biomedical Image Segmentation", "MICCAI",
    doi: "10.1007/978-3-319-24574-4_28")
  static let unet3D = Reference(
    "cicek2016unet3d",
    "Çiçek, Özgün and Abdulkadir, Ahmed and Lienkamp, Soeren S. and Brox, Thomas and Ronneberger, Olaf", 2016,
    "3D U-Net: Learning Dense Volumetric Segmentation from Sparse Annotation", "MICCAI",
    doi: "10.1007/978-3-319-46723-8_49")
  static let nnUNet = Reference(
    "isensee2021nnunet",
    "Isensee, Fabian and Jaeger, Paul F. and Kohl, Simon A. A. and Petersen, Jens and Maier-Hein, Klaus H.",
    2021,
    "nnU-Net: a self-configuring method for deep learning-based biomedical image segmentation",
    "Nature Methods",
    doi: "10.1038/s41592-020-01008-z")
  static let dice = Reference(
    "milletari2016vnet", "Milletari, Fausto and Navab, Nassir and Ahmadi, Seyed-Ahmad", 2016,
    "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation", "3DV",
    doi: "10.1109/3DV.2016.79")
  static let adam = Reference(
    "kingma2015adam", "Kingma, Diederik P. and Ba, Jimmy", 2015, "Adam: A Method for Stochastic Optimization",
    "ICLR",
    arXiv: "1412.6980")
  static let adamW = Reference(
    "loshchilov2019adamw", "Loshchilov, Ilya and Hutter, Frank", 2019,
    "Decoupled Weight Decay Regularization", "ICLR",
    arXiv: "1711.05101")
  static let n4 = Reference(
    "tustison2010n4",
    "Tustison, Nicholas J. and Avants, Brian B. and Cook, Philip A. and Zheng, Yuanjie and Egan, Alexander and Yushkevich, Paul A. and Gee, James C.",
    2010, "N4ITK: Improved N3 Bias Correction", "IEEE Transactions on Medical Imaging",
    doi: "10.1109/TMI.2010.2046908")
  static let atlas = Reference(
    "nyul2000scale", "Nyúl, László G. and Udupa, Jayaram K. and Zhang, Xuan", 2000,
    "New variants of a method of MRI scale standardization", "IEEE Transactions on Medical Imaging",
    doi: "10.1109/42.836373")
  static let whiteStripe = Reference(
    "shinohara2014whitestripe",
    "Shinohara, Russell T. and Sweeney, Elizabeth M. and Goldsmith, Jeff and others", 2014,
    "Statistical normalization techniques for magnetic resonance imaging", "NeuroImage: Clinical",
    doi: "10.1016/j.nicl.2014.08.008")
  static let fuzzy = Reference(
    "reinhold2019normalization",
    "Reinhold, Jacob C. and Dewey, Blake E. and Carass, Aaron and Prince, Jerry L.", 2019,
    "Evaluating the impact of intensity normalization on MR image synthesis",
    "Medical Imaging 2019: Image Processing",
    doi: "10.1117/12.2513089")
  static let metrics = Reference(
    "maierhein2024metrics", "Maier-Hein, Lena and Reinke, Annika and Godau, Patrick and others", 2024,
    "Metrics reloaded: recommendations for image analysis validation", "Nature Methods",
    doi: "10.1038/s41592-023-02151-z")
  static let bca = Reference(
    "efron1987bca", "Efron, Bradley", 1987, "Better Bootstrap Confidence Intervals",
    "Journal of the American Statistical Association", doi: "10.1080/01621459.1987.10478410")
  static let clusters = Reference(
    "field2007bootstrapping", "Field, Christopher A. and Welsh, Alan H.", 2007,
    "Bootstrapping clustered data",
    "Journal of the Royal Statistical Society B", doi: "10.1111/j.1467-9868.2007.00593.x")
  static let wilcoxon = Reference(
    "wilcoxon1945ranking", "Wilcoxon, Frank", 1945, "Individual Comparisons by Ranking Methods",
    "Biometrics Bulletin",
    doi: "10.2307/3001968")
  static let holm = Reference(
    "holm1979simple", "Holm, Sture", 1979, "A Simple Sequentially Rejective Multiple Test Procedure",
    "Scandinavian Journal of Statistics")
  static let shapley = Reference(
    "liu2022gtgshapley",
    "Liu, Zelei and Chen, Yuanyuan and Yu, Han and Liu, Yang and Cui, Lizhen", 2022,
    "GTG-Shapley: Efficient and Accurate Participant Contribution Evaluation in Federated Learning",
    "ACM Transactions on Intelligent Systems and Technology", arXiv: "2109.02053")
  static let claim = Reference(
    "mongan2020claim", "Mongan, John and Moy, Linda and Kahn, Charles E.", 2020,
    "Checklist for Artificial Intelligence in Medical Imaging (CLAIM): A Guide for Authors and Reviewers",
    "Radiology: Artificial Intelligence", doi: "10.1148/ryai.2020200029")
  static let tripod = Reference(
    "collins2024tripodai", "Collins, Gary S. and Moons, Karel G. M. and Dhiman, Paula and others", 2024,
    "TRIPOD+AI statement: updated guidance for reporting clinical prediction models that use regression or machine learning methods",
    "BMJ", doi: "10.1136/bmj-2023-078378")

  /// Where a strategy's rule stands; its descriptor names the archive's number.
  static func strategy(_ descriptor: StrategyDescriptor) -> Reference? {
    let number = descriptor.paper.replacing("arXiv ", with: "")
    return strategies.first { $0.identifier == .arXiv(number) }
  }

  private static let strategies = [
    Reference(
      "mcmahan2017fedavg",
      "McMahan, H. Brendan and Moore, Eider and Ramage, Daniel and Hampson, Seth and Agüera y Arcas, Blaise",
      2017, "Communication-Efficient Learning of Deep Networks from Decentralized Data", "AISTATS",
      arXiv: "1602.05629"),
    Reference(
      "li2020fedprox",
      "Li, Tian and Sahu, Anit Kumar and Zaheer, Manzil and Sanjabi, Maziar and Talwalkar, Ameet and Smith, Virginia",
      2020, "Federated Optimization in Heterogeneous Networks", "MLSys", arXiv: "1812.06127"),
    Reference(
      "hsu2019fedavgm", "Hsu, Tzu-Ming Harry and Qi, Hang and Brown, Matthew", 2019,
      "Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification", "arXiv",
      arXiv: "1909.06335"),
    Reference(
      "reddi2021adaptive", "Reddi, Sashank and Charles, Zachary and Zaheer, Manzil and others", 2021,
      "Adaptive Federated Optimization", "ICLR", arXiv: "2003.00295"),
    Reference(
      "karimireddy2020scaffold", "Karimireddy, Sai Praneeth and Kale, Satyen and Mohri, Mehryar and others",
      2020,
      "SCAFFOLD: Stochastic Controlled Averaging for Federated Learning", "ICML", arXiv: "1910.06378"),
    Reference(
      "wang2020fednova", "Wang, Jianyu and Liu, Qinghua and Liang, Hao and Joshi, Gauri and Poor, H. Vincent",
      2020,
      "Tackling the Objective Inconsistency Problem in Heterogeneous Federated Optimization", "NeurIPS",
      arXiv: "2007.07481"),
    Reference(
      "acar2021feddyn", "Acar, Durmus Alp Emre and Zhao, Yue and Matas Navarro, Ramon and others", 2021,
      "Federated Learning Based on Dynamic Regularization", "ICLR", arXiv: "2111.04263"),
    Reference(
      "li2020qffl", "Li, Tian and Sanjabi, Maziar and Beirami, Ahmad and Smith, Virginia", 2020,
      "Fair Resource Allocation in Federated Learning", "ICLR", arXiv: "1905.10497"),
    Reference(
      "li2021fedbn", "Li, Xiaoxiao and Jiang, Meirui and Zhang, Xiaofei and Kamp, Michael and Dou, Qi", 2021,
      "FedBN: Federated Learning on Non-IID Features via Local Batch Normalization", "ICLR",
      arXiv: "2102.07623"),
    Reference(
      "liu2018fadl", "Liu, Dianbo and Miller, Timothy and Sayeed, Raheel and Mandl, Kenneth D.", 2018,
      "FADL: Federated-Autonomous Deep Learning for Distributed Electronic Health Record", "arXiv",
      arXiv: "1811.11400"),
    Reference(
      "li2021ditto", "Li, Tian and Hu, Shengyuan and Beirami, Ahmad and Smith, Virginia", 2021,
      "Ditto: Fair and Robust Federated Learning Through Personalization", "ICML", arXiv: "2012.04221"),
    Reference(
      "sheller2018multi",
      "Sheller, Micah J. and Reina, G. Anthony and Edwards, Brandon and Martin, Jason and Bakas, Spyridon",
      2018,
      "Multi-Institutional Deep Learning Modeling Without Sharing Patient Data: A Feasibility Study on Brain Tumor Segmentation",
      "BrainLes", arXiv: "1810.04304"),
    Reference(
      "yin2018byzantine", "Yin, Dong and Chen, Yudong and Ramchandran, Kannan and Bartlett, Peter", 2018,
      "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates", "ICML", arXiv: "1803.01498"),
    Reference(
      "blanchard2017krum",
      "Blanchard, Peva and El Mhamdi, El Mahdi and Guerraoui, Rachid and Stainer, Julien", 2017,
      "Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent", "NeurIPS", arXiv: "1703.02757"
    ),
    Reference(
      "pillutla2022rfa", "Pillutla, Krishna and Kakade, Sham M. and Harchaoui, Zaid", 2022,
      "Robust Aggregation for Federated Learning", "IEEE Transactions on Signal Processing",
      arXiv: "1912.13445"),
    Reference(
      "sun2019backdoor", "Sun, Ziteng and Kairouz, Peter and Suresh, Ananda Theertha and McMahan, H. Brendan",
      2019,
      "Can You Really Backdoor Federated Learning?", "arXiv", arXiv: "1911.07963"),
    Reference(
      "cao2021fltrust", "Cao, Xiaoyu and Fang, Minghong and Liu, Jia and Gong, Neil Zhenqiang", 2021,
      "FLTrust: Byzantine-robust Federated Learning via Trust Bootstrapping", "NDSS", arXiv: "2012.13995"),
  ]
}
