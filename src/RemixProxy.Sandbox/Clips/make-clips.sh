#!/bin/sh
# Makes the clips and images that the simulated providers hand out, from lavfi sources only: nothing here belongs to anybody else.
# Needs ffmpeg with libx264 and libwebp. Run it in any folder; it writes beside itself.
set -eu
cd "$(dirname "$0")"

clip() { # look, shape, width, height, geq expression
    ffmpeg -nostdin -hide_banner -loglevel error -y \
        -f lavfi -i "color=c=black:s=$3x$4:r=12:d=2,format=yuv444p,geq=$5" \
        -c:v libx264 -preset veryslow -crf 30 -pix_fmt yuv420p -g 12 -threads 1 -map_metadata -1 -fflags +bitexact -flags:v +bitexact -movflags +faststart "$1-$2.mp4"
}

looks() { # shape, width, height
    # A sun rises over a dark sea.
    clip dawn "$1" "$2" "$3" \
        "lum='if(gt(Y,0.7*H),50+20*sin(X/9+T*5),if(lt(hypot(X-W/2,Y-H*(0.75-0.2*T)),0.13*H+0.03*W),230,90+110*Y/H))':cb='if(gt(Y,0.7*H),140,85)':cr='if(gt(Y,0.7*H),110,175)'"
    # The moon crosses a blue night.
    clip night "$1" "$2" "$3" \
        "lum='if(lt(hypot(X-W*(0.2+0.3*T),Y-0.3*H),0.07*(W+H)/2),225,if(lt(hypot(mod(X,61)-30,mod(Y+X/3,47)-20),1.6),190,if(gt(Y,0.82*H+0.05*H*sin(X/40)),18,40-20*Y/H)))':cb='if(lt(hypot(X-W*(0.2+0.3*T),Y-0.3*H),0.07*(W+H)/2),120,172)':cr=116"
    # Flakes fall before a pale sky.
    clip snow "$1" "$2" "$3" \
        "lum='if(lt(hypot(mod(X,53)-26,mod(Y-T*120+X,67)-33),5),250,170-50*Y/H)':cb='if(lt(hypot(mod(X,53)-26,mod(Y-T*120+X,67)-33),5),128,140)':cr=122"
    # Green rings spread from the middle.
    clip rings "$1" "$2" "$3" \
        "lum='120+70*sin(hypot(X-W/2,Y-H/2)/12-T*6)':cb='100+15*sin(hypot(X-W/2,Y-H/2)/12-T*6)':cr=80"
    # Violet stripes walk across a grey wall.
    clip stripes "$1" "$2" "$3" \
        "lum='135+65*sin((X+Y)/32-T*3)':cb='152+23*sin((X+Y)/32-T*3)':cr='147-18*sin((X+Y)/32-T*3)'"
}

looks landscape 640 360
looks portrait 360 640
looks square 480 480

ffmpeg -nostdin -hide_banner -loglevel error -y -ss 1 -i dawn-landscape.mp4 -frames:v 1 -vf scale=160:90 -c:v libwebp -quality 50 thumbnail.webp
ffmpeg -nostdin -hide_banner -loglevel error -y -i dawn-landscape.mp4 -frames:v 1 -vf "fps=4,scale=80:45,tile=4x2" -q:v 8 -bitexact spritesheet.jpg
