"""What results are compared by where no measures are asked for; apart, so that the command tells it without numpy."""

COMPARED_MEASURES = ("mAP", "nDCG@10", "R@10", "rank_distance")
