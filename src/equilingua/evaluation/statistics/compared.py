"""What results are compared by where no measures are asked for."""

COMPARED_MEASURES = ("mAP", "nDCG@10", "R@10", "rank_distance")
